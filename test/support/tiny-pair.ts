import type { ExampleDataset, PairDataset } from '../../src/core/data/types.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { makeValue } from '../../src/runtime/values.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';
import {
  encoderDecoder,
  PAIRED,
  type EncoderDecoderOptions,
  type Part,
} from '../fixtures/encoder-decoder.ts';

export const PATHS: Readonly<Record<Part, string>> = {
  encoder: 'onnx/encoder_model.onnx',
  decoder: 'onnx/decoder_model.onnx',
  'decoder-with-past': 'onnx/decoder_with_past_model.onnx',
};

/** Padding and start, end, then words "w2" to "w39". */
function wordTokenizer() {
  const words = Array.from({ length: PAIRED.vocabulary }, (_, id) =>
    id === 0 ? '<pad>' : id === 1 ? '</s>' : `w${id}`,
  );
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return {
    version: '1.0',
    added_tokens: [0, 1].map((id) => ({ id, content: words[id], special: true, ...special })),
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      unk_token: 'w2',
    },
  };
}

export interface TinyPair extends EncoderDecoderOptions {
  /** The parts there are; all of them unless told. */
  readonly parts?: readonly Part[];
  /** What the folder is opened at. */
  readonly opened: Part;
  /** An encoder with states of another size. */
  readonly encoderHidden?: number;
  readonly config?: object;
}

/** An encoder-decoder as Optimum lays it out, opened at one of its parts. */
export async function tinyPairFolder(options: TinyPair): Promise<ModelFolder> {
  const { opened, parts = ['encoder', 'decoder', 'decoder-with-past'] } = options;
  const json = (value: unknown) => bytesSource(new TextEncoder().encode(JSON.stringify(value)));
  const models = parts.map(async (part) => {
    const hidden = part === 'encoder' ? (options.encoderHidden ?? options.hidden) : options.hidden;
    const model = encoderDecoder(part, { ...options, ...(hidden !== undefined && { hidden }) });
    return { path: PATHS[part], source: bytesSource(await writeModel(model)) };
  });
  const config = {
    is_encoder_decoder: true,
    vocab_size: PAIRED.vocabulary,
    decoder_start_token_id: 0,
    pad_token_id: 0,
    eos_token_id: 1,
    max_target_positions: PAIRED.positions,
  };
  return {
    name: 'tiny-pair',
    origin: 'file',
    model: PATHS[opened],
    files: [
      ...(await Promise.all(models)),
      { path: 'config.json', source: json(options.config ?? config) },
      { path: 'tokenizer.json', source: json(wordTokenizer()) },
    ],
  };
}

/** Sources of two to nine words, and the same words backwards. */
export function wordPairs(count: number, seed = 1): PairDataset {
  const random = seededRandom(seed, 'pairs');
  const word = () => `w${2 + Math.floor(random.next() * (PAIRED.vocabulary - 2))}`;
  const sources = Array.from({ length: count }, () =>
    Array.from({ length: 2 + Math.floor(random.next() * 8) }, word),
  );
  return {
    kind: 'pairs',
    name: 'pairs.tsv',
    sources: sources.map((words) => words.join(' ')),
    targets: sources.map((words) => words.toReversed().join(' ')),
  };
}

/** Features with tokens, start token in front, of which each is followed by one of two: there is something to learn. */
export function speechPairs(count: number, length: number, seed = 1): ExampleDataset {
  const random = seededRandom(seed, 'speech');
  const { features, frames, vocabulary } = PAIRED;
  let last = 0;
  const token = (index: number) => {
    last =
      index % length === 0
        ? 0
        : 2 + ((3 * last + Math.floor(2 * random.next())) % (vocabulary - 2));
    return last;
  };
  return {
    kind: 'examples',
    name: 'speech.npz',
    count,
    arrays: {
      input_features: makeValue(DataType.float32, [count, features, frames], () => random.next()),
      decoder_input_ids: makeValue(DataType.int64, [count, length], token),
    },
  };
}
