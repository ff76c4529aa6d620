/**
 * Makes `public/samples/stories` from the folder that holds stories260K.bin, tok512.bin and
 * tinystories.txt: `npx tsx tools/samples/make-stories.ts FOLDER`. The same sources give the same bytes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatText, parseText } from '../../src/core/data/text-file.ts';
import { tokenWindows } from '../../src/core/data/windows.ts';
import { buildLlama } from '../../src/core/onnx/build/llama.ts';
import type { LlamaConfig } from '../../src/core/onnx/build/llama-config.ts';
import { readLlama2c } from './llama2c.ts';
import { toHalfSplit } from './rotary-layout.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { readLlama2cTokenizer, tokenizerConfigOf, tokenizerJsonOf } from './llama2c-tokenizer.ts';
import { loadTokenizer } from '../../src/core/text/tokenizer.ts';
import { measureLanguageModel } from './measure.ts';
import { readChecked, shipSample } from './shelf.ts';
import { splitStories } from './split-stories.ts';
import { storiesReadme } from './stories-readme.ts';

const MODEL_SHA = 'b0a507e7ad0f626624f17112325e66691f9076d622e1d3274d103d00299f2696';
const TOKENIZER_SHA = '037cb335abb25d1fa9e8ecae30ed2a3a8ace9302862ebcdc05d51a6bbb10c312';
/** The first stories are evaluated (the model's reference figure is of them), the others calibrate. */
const EVALUATED = 60;
/** Quotation marks that were decoded wrongly once: the model never saw such text. */
const DAMAGED = /â€/;
/** Of calibration. */
const LENGTH = 400;

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: npx tsx tools/samples/make-stories.ts FOLDER');

const checkpoint = readLlama2c(readChecked(join(folder, 'stories260K.bin'), MODEL_SHA));
const { config, weights } = toHalfSplit(checkpoint.config, checkpoint.weights);
const model = await writeModel(buildLlama(config, weights));
const pieces = readLlama2cTokenizer(
  readChecked(join(folder, 'tok512.bin'), TOKENIZER_SHA),
  config.vocabularySize,
);
const tokenizerJson = tokenizerJsonOf(pieces);
const tokenizerConfig = tokenizerConfigOf(config.maxPositions);
const tokenizer = loadTokenizer(tokenizerJson, tokenizerConfig);
const stories = splitStories(readFileSync(join(folder, 'tinystories.txt'), 'utf8'));
const others = stories.slice(EVALUATED).filter((story) => !DAMAGED.test(story));
const calibration = formatText(others);
const evaluation = formatText(stories.slice(0, EVALUATED));

const windowsOf = (text: string, mode: 'stream' | 'documents', length: number) => {
  const dataset = parseText({ name: 'stories', bytes: new TextEncoder().encode(text) });
  return tokenWindows(dataset, tokenizer, { mode, length });
};
// As the studio measures: as long as the model can read.
const evaluated = windowsOf(evaluation, 'documents', config.maxPositions);
const figures = await measureLanguageModel(model, evaluated);
const calibrationTokens = windowsOf(calibration, 'stream', LENGTH).reduce(
  (sum, { ids }) => sum + ids.length,
  0,
);

shipSample(
  {
    name: 'stories',
    title: 'Stories',
    task: 'text-generation',
    description:
      'A tiny Llama that tells children’s stories: 5 blocks, 260 thousand weights, trained on TinyStories.',
    licence: 'Model MIT (karpathy/tinyllamas); texts CDLA-Sharing-1.0 (TinyStories)',
    prompt: 'Once upon a time',
    prompts: [
      'Lily and her mom went to the park',
      'The little dog was very sad because',
      'One day, Tom found a big red ball',
      'The girl and her friend sat by the sea',
    ],
    figures: { perplexity: figures.perplexity },
  },
  {
    'model.onnx': model,
    'config.json': { json: huggingFaceConfig(config) },
    'generation_config.json': { json: { bos_token_id: 1, eos_token_id: 2, max_length: 512 } },
    'tokenizer.json': { json: tokenizerJson },
    'tokenizer_config.json': { json: tokenizerConfig },
    'calibration.txt': calibration,
    'evaluation.txt': evaluation,
    'README.md': storiesReadme({
      figures,
      evaluated: EVALUATED,
      length: config.maxPositions,
      calibrated: others.length,
      calibrationTokens,
    }),
  },
);

function huggingFaceConfig(c: LlamaConfig) {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: c.vocabularySize,
    hidden_size: c.hiddenSize,
    intermediate_size: c.feedForwardWidth,
    num_hidden_layers: c.blocks,
    num_attention_heads: c.heads,
    num_key_value_heads: c.keyValueHeads,
    max_position_embeddings: c.maxPositions,
    rms_norm_eps: c.normEpsilon,
    rope_theta: c.rotaryBase,
    hidden_act: 'silu',
    tie_word_embeddings: true,
    bos_token_id: 1,
    eos_token_id: 2,
    torch_dtype: 'float32',
    use_cache: false,
  };
}
