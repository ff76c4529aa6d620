import { buildBert, type BertConfig } from '../../src/core/onnx/build/bert.ts';
import { initialWeights } from '../../src/core/onnx/build/initial-weights.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { bpeTokenizerJson } from '../../tools/gallery/tokenizer/bpe-tokenizer-json.ts';
import { trainBpe } from '../../tools/gallery/tokenizer/bpe-train.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';

const WORDS = [
  ['lunch', 'meeting', 'notes', 'patch', 'thanks', 'tomorrow', 'list', 'question'],
  ['free', 'winner', 'money', 'click', 'offer', 'pills', 'credit', 'now'],
] as const;

/** Names of the two classes, 0 and 1. */
export const CLASSES = ['ham', 'spam'] as const;

export const TINY: BertConfig = {
  vocabularySize: 320,
  hiddenSize: 16,
  feedForwardWidth: 32,
  blocks: 1,
  heads: 2,
  classes: 2,
  maxPositions: 16,
  pooling: 'mean',
};

export interface TinyMail {
  readonly text: string;
  readonly label: 0 | 1;
}

/** Mails of a few words, nine in ten of which tell the class; the two classes take turns. */
export function tinyMails(count: number, seed = 1): TinyMail[] {
  const random = seededRandom(seed, 'mails');
  const below = (n: number) => Math.floor(random.next() * n);
  return Array.from({ length: count }, (_, index) => {
    const label = (index % 2) as 0 | 1;
    const words = Array.from({ length: 2 + below(5) }, () => {
      const from = random.next() < 0.9 ? label : 1 - label;
      return WORDS[from][below(8)];
    });
    return { text: words.join(' '), label };
  });
}

/** The mails as a table, labels by name. */
export function mailTable(mails: readonly TinyMail[]): string {
  return `text,label\n${mails.map(({ text, label }) => `"${text}",${CLASSES[label]}\n`).join('')}`;
}

export function tinyMailModel(): Model {
  return buildBert(TINY, initialWeights(3, 0.2));
}

const encoder = new TextEncoder();

/** Files of a tiny BERT-like classifier of mails with its tokenizer, as Hugging Face lays them out. */
export async function tinyMailFiles(model = tinyMailModel()): Promise<Record<string, Uint8Array>> {
  const vocabulary = trainBpe(
    tinyMails(200).map(({ text }) => text),
    { vocabularySize: TINY.vocabularySize, specialTokens: ['[PAD]', '[CLS]', '[SEP]'] },
  );
  const json = (value: unknown) => encoder.encode(JSON.stringify(value));
  return {
    'model.onnx': await writeModel(model),
    'tokenizer.json': json(bpeTokenizerJson(vocabulary, { template: ['[CLS]', '$A', '[SEP]'] })),
    'tokenizer_config.json': json({ pad_token: '[PAD]', model_max_length: 1e30 }),
    'config.json': json({
      architectures: ['BertForSequenceClassification'],
      max_position_embeddings: TINY.maxPositions,
      id2label: Object.fromEntries(CLASSES.map((name, index) => [String(index), name])),
    }),
  };
}

/** The same in memory, without the files named in `without`. */
export async function tinyMailFolder(
  model?: Model,
  without: readonly string[] = [],
): Promise<ModelFolder> {
  const files = Object.entries(await tinyMailFiles(model))
    .filter(([path]) => !without.includes(path))
    .map(([path, bytes]) => ({ path, source: bytesSource(bytes) }));
  return { name: 'tiny-mail', origin: 'file', files };
}
