/**
 * Trains the GPT-2-like model that tests and evidence use beside the samples, with the project's own trainer:
 * `npx tsx tools/gallery/gpt2/train.ts [--threads N] [--steps N]`. It reads the speeches prose was trained on, in
 * prose's tokens, and writes test/fixtures/models/gpt2-like. A run that was stopped goes on where it was.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseText } from '../../../src/core/data/text-file.ts';
import { tokenWindows } from '../../../src/core/data/windows.ts';
import { initialWeights, type WeightSource } from '../../../src/core/onnx/build/initial-weights.ts';
import { writeModel } from '../../../src/core/onnx/write.ts';
import { loadTokenizer } from '../../../src/core/text/tokenizer.ts';
import { createNodeRuntime } from '../../../src/runtime/ort-node.ts';
import { measureLanguageModel } from '../../samples/measure.ts';
import { SAMPLES } from '../../samples/shelf.ts';
import { withHalfStorage } from '../half-storage.ts';
import { openMaterial } from '../material.ts';
import { passagesOf } from '../prose/passages.ts';
import { tokenSentences } from '../prose/sentences.ts';
import { splitSpeeches } from '../prose/speeches.ts';
import { proseData } from '../prose/windows.ts';
import { trainerOn } from '../train.ts';
import type { TrainingConfig, TrainingRecord } from '../trainer-contract.ts';
import { buildGpt2, type Gpt2Config } from './build.ts';
import { gpt2Readme } from './readme.ts';

const MODEL: Gpt2Config = {
  vocabularySize: 2048,
  hiddenSize: 128,
  feedForwardWidth: 512,
  blocks: 4,
  heads: 4,
  maxPositions: 128,
};

/** Prose's seed: it decides which speeches are for training, so neither model has seen the other's evaluation. */
const SEED = 11;
const BOS = 0;
const PASSAGES = 48;
const OUT = fileURLToPath(new URL('../../../test/fixtures/models/gpt2-like/', import.meta.url));
const WORK = fileURLToPath(new URL('../../../out/gallery/gpt2-like/', import.meta.url));

const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: '1' },
    steps: { type: 'string', default: '3600' },
  },
});

const config: TrainingConfig = {
  seed: SEED,
  shape: { batch: 8, length: MODEL.maxPositions },
  schedule: { learningRate: 2.5e-3, steps: Number(values.steps), warmup: 150, floor: 0.02 },
  adamW: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 },
  validateEvery: 200,
};

const prose = (name: string) => join(SAMPLES, 'prose', name);
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const tokenizer = loadTokenizer(
  json(prose('tokenizer.json')),
  json(prose('tokenizer_config.json')),
);
const speeches = splitSpeeches(openMaterial(), SEED);
const training = speeches.training.map((text) => tokenSentences(text, tokenizer));
const validation = speeches.validation
  .flatMap((text) => passagesOf(tokenSentences(text, tokenizer), MODEL.maxPositions, BOS))
  .filter((_, at) => at % 16 === 0)
  .slice(0, PASSAGES);

const train = trainerOn(await createNodeRuntime({ threads: Number(values.threads) }));
const { model, record } = await train(
  buildGpt2(MODEL, weights(SEED)),
  proseData(
    training,
    validation.map(({ ids }) => ids),
    { batch: config.shape.batch, length: MODEL.maxPositions, seed: SEED, bos: BOS },
  ),
  config,
  { folder: WORK, log: (line) => process.stdout.write(`${line}\n`) },
);
await write(record, await writeModel(await withHalfStorage(model)));

/** As GPT-2 begins: what is added to the stream smaller by 1/√(2·blocks), norms 1, biases 0. */
function weights(seed: number): WeightSource<Float32Array> {
  const [plain, smaller] = [0.04, 0.04 / Math.sqrt(2 * MODEL.blocks)].map((deviation) =>
    initialWeights(seed, deviation),
  );
  return (name, dims) => {
    if (/\.ln_\w\.weight$/.test(name)) return new Float32Array(dims[0]).fill(1);
    return name.endsWith('c_proj.weight') ? smaller(name, dims) : plain(name, dims);
  };
}

async function write(run: TrainingRecord, bytes: Uint8Array): Promise<void> {
  const evaluation = parseText({
    name: 'evaluation.txt',
    bytes: new Uint8Array(readFileSync(prose('evaluation.txt'))),
  });
  const windows = tokenWindows(evaluation, tokenizer, {
    mode: 'documents',
    length: MODEL.maxPositions,
  });
  const { perplexity } = await measureLanguageModel(bytes, windows);
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, 'model.onnx'), bytes);
  writeJson('config.json', huggingFaceConfig());
  writeJson('training.json', { version: 1, config, evaluation: perplexity, run });
  for (const name of ['tokenizer.json', 'generation_config.json']) {
    copyFileSync(prose(name), join(OUT, name));
  }
  writeJson('tokenizer_config.json', {
    ...(json(prose('tokenizer_config.json')) as object),
    model_max_length: MODEL.maxPositions,
  });
  writeFileSync(join(OUT, 'README.md'), gpt2Readme(MODEL, config, run, perplexity));
  process.stdout.write(`perplexity ${perplexity.value} ± ${perplexity.standardError}\n`);
}

function writeJson(name: string, value: unknown): void {
  writeFileSync(join(OUT, name), `${JSON.stringify(value, null, 2)}\n`);
}

function huggingFaceConfig() {
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    vocab_size: MODEL.vocabularySize,
    n_embd: MODEL.hiddenSize,
    n_inner: MODEL.feedForwardWidth,
    n_layer: MODEL.blocks,
    n_head: MODEL.heads,
    n_positions: MODEL.maxPositions,
    layer_norm_epsilon: 1e-5,
    activation_function: 'gelu',
    tie_word_embeddings: true,
    bos_token_id: 0,
    eos_token_id: 1,
    torch_dtype: 'float16',
    use_cache: false,
  };
}
