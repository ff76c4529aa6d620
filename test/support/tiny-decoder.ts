import { gpt2Fixtures } from '../fixtures/layouts/gpt2.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import type { TextDataset } from '../../src/core/data/types.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';

/** Tokens of the GPT-2 of test/fixtures/layouts: words "w0" to "w39". */
export const WORDS = 40;
const CONTEXT = 24;

/** A tokenizer that knows whole words only. */
export function wordTokenizer(words = WORDS) {
  const vocab = Object.fromEntries(Array.from({ length: words }, (_, id) => [`w${id}`, id]));
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab, unk_token: 'w0' },
  };
}

/** Optimum names the scores before the new keys and values. */
export function scoresFirst(model: Model): Model {
  const { outputs } = model.graph;
  const isScores = ({ name }: { readonly name: string }) => name === 'logits';
  const sorted = [...outputs.filter(isScores), ...outputs.filter((output) => !isScores(output))];
  return { ...model, graph: { ...model.graph, outputs: sorted } };
}

/** The layout fixture of this name. */
export function tinyDecoder(fixture: string): Model {
  const found = gpt2Fixtures.find(({ name }) => name === fixture);
  if (found === undefined) throw new Error(`no fixture "${fixture}"`);
  return scoresFirst(found.model());
}

/** The layout fixture of this name ("gpt2 with cache, none yet") as a folder with its tokenizer. */
export async function tinyDecoderFolder(fixture: string): Promise<ModelFolder> {
  return decoderFolder(tinyDecoder(fixture));
}

/** A decoder over the words as a folder with its tokenizer. */
export async function decoderFolder(model: Model): Promise<ModelFolder> {
  return decodersFolder({ 'model.onnx': model });
}

/** Several, over the first of the words, with their tokenizer; the first of them is opened. */
export async function decodersFolder(
  models: Readonly<Record<string, Model>>,
  words = WORDS,
): Promise<ModelFolder> {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const entries = Object.entries(models).map(
    async ([path, model]) => [path, await writeModel(model)] as const,
  );
  const files = {
    ...Object.fromEntries(await Promise.all(entries)),
    'tokenizer.json': json(wordTokenizer(words)),
    'config.json': json({ architectures: ['GPT2LMHeadModel'], n_positions: CONTEXT }),
  };
  return {
    name: 'tiny-decoder',
    origin: 'file',
    files: Object.entries(files).map(([path, bytes]) => ({ path, source: bytesSource(bytes) })),
    model: Object.keys(models)[0],
  };
}

/** A text in which every word is followed by one of two, so that there is something to learn. */
export function wordText(words: number, seed = 1, known = WORDS): TextDataset {
  const random = seededRandom(seed, 'words');
  const text = [0];
  while (text.length < words)
    text.push((3 * text[text.length - 1] + Math.floor(2 * random.next())) % known);
  return { kind: 'text', name: 'words.txt', documents: [text.map((id) => `w${id}`).join(' ')] };
}
