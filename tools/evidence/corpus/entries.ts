/** One `.onnx` file of the corpus: what must be found in it, and what it is tried with. */
export interface Entry {
  /** Path of the file inside `models/`. */
  readonly file: string;
  readonly found: Found;
  /** Names in `data/` without `-calibration.EXT`, `-evaluation.EXT`. */
  readonly calibration?: string;
  readonly evaluation?: string;
  /** What it writes from, where that is not a prompt. */
  readonly sources?: string;
  /** What plain onnxruntime computes beside what Lathe says. */
  readonly independent?: 'windows' | 'labels';
  /** Part of the sentence that refuses an action; everything else must work. */
  readonly refused?: Readonly<Partial<Record<Action, string>>>;
}

/** As in the corpus' README; what is left out there is left out here. */
export interface Found {
  readonly blocks: number;
  readonly heads?: number;
  readonly keyValueHeads?: number;
  readonly headSize?: number;
  readonly feedForwardWidth?: number;
  readonly vocabularySize?: number;
  readonly task: string;
}

export const ACTIONS = [
  'inspect',
  'q8',
  'q4',
  'fp16',
  'gptq',
  'wanda',
  'magnitude',
  'evaluate',
  'lora',
  'generate',
] as const;

export type Action = (typeof ACTIONS)[number];

const MOBY = { calibration: 'moby.txt', evaluation: 'moby.txt', independent: 'windows' } as const;
const DIGITS = {
  calibration: 'digits28.npz',
  evaluation: 'digits28.npz',
  independent: 'labels',
} as const;
const SENTENCES = { calibration: 'sentences.txt', evaluation: 'sentences.txt' } as const;
const UNION = { calibration: 'union.csv', evaluation: 'union.csv' } as const;

const GPT2: Found = {
  ...{ blocks: 3, heads: 4, headSize: 24, feedForwardWidth: 384, vocabularySize: 257 },
  task: 'language-model',
};
const LLAMA: Found = {
  ...{ blocks: 3, heads: 6, keyValueHeads: 2, headSize: 16, feedForwardWidth: 256 },
  ...{ vocabularySize: 259, task: 'language-model' },
};
const BERT: Found = {
  ...{ blocks: 3, heads: 4, headSize: 24, feedForwardWidth: 256, vocabularySize: 1500 },
  task: 'classifier',
};
const VIT: Found = {
  ...{ blocks: 3, heads: 4, headSize: 16, feedForwardWidth: 128, task: 'classifier' },
};
const T5: Found = {
  ...{ blocks: 2, heads: 4, headSize: 24, feedForwardWidth: 160 },
  task: 'sequence-to-sequence',
};
const WHISPER: Found = {
  ...{ blocks: 2, heads: 4, headSize: 16, feedForwardWidth: 256 },
  task: 'sequence-to-sequence',
};

/** What reads one token behind its cache cannot be trained on sequences. */
const ONE_TOKEN = { lora: 'reads one token at a time' };

/** Zeros among codes save nothing, and codes take no adapter in. */
const CODES = { wanda: 'already quantized', lora: 'cannot be merged' };

/** `generate` asks for a language model; every other task says so. */
const NO_TEXT = { generate: 'not a language model' };
/** Vectors are compared with those of an original, and there are no labels to train on. */
const VECTORS = {
  ...NO_TEXT,
  evaluate: 'give the original with --baseline',
  lora: 'no labels',
};
const NER = {
  calibration: 'sentences.txt',
  evaluation: 'ner.npz',
  refused: { ...NO_TEXT, lora: 'no labels' },
} as const;

export const ENTRIES: readonly Entry[] = [
  { file: 'gpt2/onnx/model.onnx', found: GPT2, ...MOBY },
  { file: 'gpt2-optimum/onnx/decoder_model.onnx', found: GPT2, ...MOBY },
  {
    file: 'gpt2-optimum/onnx/decoder_with_past_model.onnx',
    found: GPT2,
    ...MOBY,
    refused: ONE_TOKEN,
  },
  { file: 'gpt2-optimum/onnx/decoder_model_merged.onnx', found: GPT2, ...MOBY },
  { file: 'llama/onnx/model.onnx', found: LLAMA, ...MOBY },
  {
    file: 'llama-fp16/onnx/model_fp16.onnx',
    found: LLAMA,
    ...MOBY,
    refused: { fp16: 'already takes 16 bits' },
  },
  {
    file: 'llama-q4/onnx/model_q4.onnx',
    found: LLAMA,
    ...MOBY,
    refused: CODES,
  },
  {
    file: 'mixtral/onnx/model.onnx',
    found: { blocks: 2, feedForwardWidth: 96, vocabularySize: 259, task: 'language-model' },
    ...MOBY,
    refused: { lora: 'training needs operator set 18' },
  },
  { file: 'bert-ner/onnx/model.onnx', found: { ...BERT, task: 'token-classifier' }, ...NER },
  {
    file: 'bert-ner-ort-optimised/onnx/model.onnx',
    found: { ...BERT, task: 'token-classifier' },
    ...NER,
  },
  {
    file: 'minilm/onnx/model.onnx',
    found: { ...BERT, blocks: 4, heads: 6, headSize: 16, feedForwardWidth: 192, task: 'encoder' },
    ...SENTENCES,
    refused: VECTORS,
  },
  {
    file: 'distilbert-qdq/onnx/model.onnx',
    found: BERT,
    ...UNION,
    refused: { ...NO_TEXT, lora: 'cannot be merged' },
  },
  { file: 'albert/onnx/model.onnx', found: { ...BERT, blocks: 4 }, ...UNION, refused: NO_TEXT },
  {
    file: 'albert-duplicated/onnx/model.onnx',
    found: { ...BERT, blocks: 4 },
    ...UNION,
    refused: NO_TEXT,
  },
  { file: 'vit/onnx/model.onnx', found: VIT, ...DIGITS, refused: NO_TEXT },
  { file: 'vit-functions/onnx/model.onnx', found: VIT, ...DIGITS, refused: NO_TEXT },
  {
    file: 'clip/onnx/model.onnx',
    found: { blocks: 4, task: 'pairs' },
    ...{ calibration: 'clip.npz', evaluation: 'clip.npz' },
    refused: { ...NO_TEXT, lora: 'no labels' },
  },
  {
    file: 'whisper/onnx/encoder_model.onnx',
    found: { ...WHISPER, task: 'encoder' },
    ...{ calibration: 'whisper-features.npz', evaluation: 'whisper-features.npz' },
    sources: 'whisper-features.npz',
    refused: { evaluate: VECTORS.evaluate, lora: VECTORS.lora },
  },
  {
    file: 'whisper/onnx/decoder_model.onnx',
    found: WHISPER,
    ...{ calibration: 'whisper-arrays.npz', evaluation: 'whisper-arrays.npz' },
    sources: 'whisper-features.npz',
  },
  {
    file: 'whisper/onnx/decoder_model_merged.onnx',
    found: WHISPER,
    ...{ calibration: 'whisper-arrays.npz', evaluation: 'whisper-arrays.npz' },
    sources: 'whisper-features.npz',
  },
  {
    file: 't5/onnx/encoder_model.onnx',
    found: { ...T5, task: 'encoder' },
    ...{ calibration: 'pairs.tsv', evaluation: 'pairs.tsv' },
    refused: { lora: 'encoder' },
  },
  {
    file: 't5/onnx/decoder_model.onnx',
    found: T5,
    ...{ calibration: 't5-labelled.npz', evaluation: 't5-labelled.npz', independent: 'labels' },
  },
  {
    file: 't5/onnx/decoder_with_past_model.onnx',
    found: T5,
    ...{ calibration: 't5-labelled.npz', evaluation: 't5-labelled.npz', refused: ONE_TOKEN },
  },
];
