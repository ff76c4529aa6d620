import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import {
  AutoModelForSeq2SeqLM,
  AutoTokenizer,
  env,
  pipeline,
  RawImage,
  Tensor,
} from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFolder } from '../../src/cli/files/write-folder.ts';
import { readModel } from '../../src/core/onnx/read.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import type { Recipe } from '../../src/core/recipe/types.ts';
import { presetByName } from '../../src/core/recipe/presets.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { exportedFolder, exportedParts } from '../../src/engine/export/folder.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';
import { transformersJsSnippet } from '../../src/core/snippets/transformers-js.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { partsByWords } from '../../src/engine/model/part-words.ts';
import { runParts } from '../../src/engine/parts/run-parts.ts';
import { runTrial } from '../../src/engine/run-trial.ts';
import { generate } from '../../src/runtime/generate.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { MemoryStorage } from '../../src/engine/storage/memory.ts';
import { TrialStore } from '../../src/engine/trials/store.ts';
import { cachedDecoder, CACHED } from '../fixtures/cached-decoder.ts';
import { distance, longs, runModel } from '../support/run-model.ts';
import { sampleModel, testHost } from '../support/sample.ts';
import { wordTokenizer } from '../support/tiny-decoder.ts';
import { openVitFolder, TINY_VIT } from '../support/tiny-vit.ts';
import { folderWith, tinyPartsFolder } from '../support/tiny-parts.ts';

/** Folders exported by the engine, loaded as they are by the library they are made for. */
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lathe-transformers-'));
  env.allowRemoteModels = false;
  env.localModelPath = `${root}/`;
});
afterAll(() => rm(root, { recursive: true, force: true }));

const quiet = { progress: () => undefined };
const recipeOf = (preset: string) => presetByName(preset).recipe;

async function exportWhole(
  name: string,
  folder: ModelFolder,
  recipe: string | Recipe,
): Promise<void> {
  const storage = new MemoryStorage();
  const open = await openModel(folder);
  const own = typeof recipe === 'string' ? recipeOf(recipe) : recipe;
  const trial = await runTrial(testHost(storage), { open, recipe: own }, quiet);
  const written = await new TrialStore(storage).written(trial.id);
  await writeFolder(join(root, name), await exportedFolder(open, trial, written));
}

async function exportParts(
  name: string,
  folder: ModelFolder,
  words: string,
  preset: string,
): Promise<void> {
  const input = {
    folder,
    parts: partsByWords(folder, words),
    recipe: recipeOf(preset),
    data: () => Promise.resolve({}),
  };
  const { made } = await runParts(testHost(), input, quiet);
  await writeFolder(join(root, name), await exportedParts(made));
}

/** The decoder of test/fixtures with its axes named as Optimum names them, and Llama's configuration. */
function cachedFolder(): Promise<ModelFolder> {
  const model = cachedDecoder({ cache: 'pairs' });
  const inputs = model.graph.inputs.map((input) => ({
    ...input,
    ...(input.type && {
      type: {
        ...input.type,
        dims: input.type.dims?.map((dim) =>
          dim.symbol === 'batch' ? { symbol: 'batch_size' } : dim,
        ),
      },
    }),
  }));
  return folderWith(
    'cached',
    { 'onnx/model.onnx': { ...model, graph: { ...model.graph, inputs } } },
    {
      'config.json': {
        model_type: 'llama',
        architectures: ['LlamaForCausalLM'],
        hidden_size: CACHED.heads * CACHED.headSize,
        num_attention_heads: CACHED.heads,
        num_key_value_heads: CACHED.heads,
        num_hidden_layers: CACHED.blocks,
        vocab_size: CACHED.vocabulary,
      },
      'tokenizer.json': wordTokenizer(),
      'tokenizer_config.json': { tokenizer_class: 'PreTrainedTokenizerFast' },
    },
  );
}

/** What the exported file itself says, token by token without a cache. */
async function greedy(name: string, file: string, ids: readonly number[], count: number) {
  const model = await readModel(bytesSource(await readFile(join(root, name, 'onnx', file))));
  const { heads, headSize, blocks } = CACHED;
  const empty = {
    dataType: DataType.float32,
    dims: [1, heads, 0, headSize],
    data: new Float32Array(),
  };
  const past = Array.from({ length: blocks }, (_, i) =>
    ['key', 'value'].map((part) => [`past_key_values.${i}.${part}`, empty] as const),
  );
  const all = [...ids];
  for (let n = 0; n < count; n++) {
    const dims = [1, all.length];
    const found = await runModel(model, {
      input_ids: longs(dims, all),
      attention_mask: longs(
        dims,
        all.map(() => 1),
      ),
      position_ids: longs(dims, [...all.keys()]),
      ...Object.fromEntries(past.flat()),
    });
    const scores = found.get('logits')?.data.slice(-CACHED.vocabulary) ?? [];
    all.push(Array.from(scores, Number).reduce((best, x, i, row) => (x > row[best] ? i : best), 0));
  }
  return all;
}

/** The lines that the page copies, run as they are but for where the folder lies; what they print comes back. */
async function runLines(lines: string): Promise<unknown> {
  const body = lines
    .replace(/^import .*\n/, '')
    .replace("env.localModelPath = './';", `env.localModelPath = ${JSON.stringify(`${root}/`)};`);
  expect(body).not.toContain("'./'");
  let told: unknown;
  const print = { log: (value: unknown) => (told = value) };
  const names = ['env', 'pipeline', 'console'];
  const run = compileFunction(`return (async () => {${body}\n})()`, names);
  await (run as (...given: unknown[]) => Promise<void>)(env, pipeline, print);
  return told;
}

describe('transformers.js loads what is exported', () => {
  it.each([
    ['q8', 'q8', 'model_quantized.onnx'],
    ['q4', 'q4', 'model_q4.onnx'],
  ] as const)(
    'a cached decoder, which writes what the file says, %s',
    async (preset, dtype, file) => {
      const name = `cached-${preset}`;
      await exportWhole(name, await cachedFolder(), preset);
      const generate = await pipeline('text-generation', name, { dtype });
      const options = { max_new_tokens: 6, do_sample: false };
      const [found] = (await generate('w3 w5 w7', options)) as { generated_text: string }[];
      const ids = await greedy(name, file, [3, 5, 7], options.max_new_tokens);
      expect(found.generated_text).toBe(ids.map((id) => `w${id}`).join(' '));
    },
  );

  it.each([8, 4])('a decoder whose cache is bytes, %i bits', async (bits) => {
    const name = `bytes-${bits}`;
    const step = { method: 'kv-cache', options: { bits, keys: 'token' } };
    await exportWhole(name, await cachedFolder(), parseRecipe({ version: 1, steps: [step] }));
    const known = { dtype: 'fp32', model_file_name: 'model_lathe' } as const;
    const write = await pipeline('text-generation', name, known);
    const options = { max_new_tokens: 6, do_sample: false };
    const [found] = (await write('w3 w5 w7', options)) as { generated_text: string }[];
    const file = await readModel(
      bytesSource(await readFile(join(root, name, 'onnx/model_lathe.onnx'))),
    );
    const session = await (await createWasmRuntime()).open(file);
    const lengths = { tokens: options.max_new_tokens, contextLength: CACHED.positions };
    const own = await generate(session, [3, 5, 7], lengths);
    await session.release();
    expect(own.length).toBe(options.max_new_tokens);
    const words = [3, 5, 7, ...own.map(({ id }) => id)].map((id) => `w${id}`);
    expect(found.generated_text).toBe(words.join(' '));
  });

  it('a text classifier', async () => {
    await exportWhole('mail', await sampleModel('mail'), 'q8');
    const classify = await pipeline('text-classification', 'mail', { dtype: 'q8' });
    const [spam] = await classify('Congratulations! You have won a free prize, click here now!!!');
    const [wanted] = await classify(
      'Hi Anna, the meeting moved to Thursday, see the attached notes.',
    );
    expect([spam, wanted]).toMatchObject([{ label: 'spam' }, { label: 'wanted' }]);
    const text = { task: 'classifier', hasTokenizer: true };
    const copied = transformersJsSnippet({ folder: 'mail', file: 'model_quantized.onnx', ...text });
    const told = await runLines(copied);
    expect(told).toEqual(await classify('Once upon a time'));
  });

  it('an image classifier with open sizes', async () => {
    await exportWhole('vit', await openVitFolder(VIT_FILES), 'q4');
    const classify = await pipeline('image-classification', 'vit', { dtype: 'q4' });
    const { imageSize: side } = TINY_VIT;
    const bytes = Uint8ClampedArray.from({ length: side * side * 3 }, (_, at) => (at * 37) % 256);
    const found = await classify(new RawImage(bytes, side, side, 3), { top_k: 2 });
    const scores = await imageScores('vit', bytes);
    for (const { label, score } of found as { label: string; score: number }[]) {
      expect(score).toBeCloseTo(scores[Number(label)], 5);
    }
  });

  it.each([
    ['all', 'q4'],
    ['all', 'q8'],
    ['encoder', 'q4'],
  ])(
    'an encoder and a decoder, of which %s went through %s, without a word on dtypes',
    async (words, preset) => {
      const name = `parts-${words}-${preset}`;
      await exportParts(name, await tinyPartsFolder(), words, preset);
      const model = await AutoModelForSeq2SeqLM.from_pretrained(name);
      const tokenizer = await AutoTokenizer.from_pretrained(name);
      const decoder_input_ids = new Tensor('int64', [0n, 3n], [1, 2]);
      const { logits } = (await model({ ...tokenizer('w3 w5'), decoder_input_ids })) as Scores;
      const expected = await seq2seqScores(name);
      expect(logits.dims).toEqual(expected?.dims);
      expect(distance({ ...expected, data: logits.data }, expected)).toBeLessThan(1e-5);
    },
  );
});

const VIT_FILES = {
  'config.json': {
    model_type: 'vit',
    architectures: ['ViTForImageClassification'],
    id2label: { 0: '0', 1: '1' },
  },
  'preprocessor_config.json': {
    image_processor_type: 'ViTImageProcessor',
    do_resize: false,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  },
};

/** Probabilities of the exported file itself for an image of interleaved colours. */
async function imageScores(name: string, bytes: Uint8ClampedArray): Promise<number[]> {
  const model = await readModel(
    bytesSource(await readFile(join(root, name, 'onnx/model_q4.onnx'))),
  );
  const { imageSize: side } = TINY_VIT;
  const data = Float32Array.from(bytes, (_, at) => {
    const [channel, pixel] = [Math.floor(at / side ** 2), at % side ** 2];
    return bytes[3 * pixel + channel] / 127.5 - 1;
  });
  const pixels = { dataType: DataType.float32, dims: [1, 3, side, side], data };
  const [input] = model.graph.inputs;
  const found = await runModel(model, { [input.name]: pixels });
  const { data: logits } = [...found.values()][0];
  const exps = Array.from(logits as Float32Array, Math.exp);
  return exps.map((x) => x / exps.reduce((sum, y) => sum + y, 0));
}

/** What a model answers, as far as it is looked at here. */
interface Scores {
  readonly logits: { readonly dims: readonly number[]; readonly data: Float32Array };
}

/** The same from the files themselves, encoder first. */
async function seq2seqScores(name: string) {
  const folder = join(root, name, 'onnx');
  const models = (await readdir(folder))
    .sort()
    .map(async (file) => readModel(bytesSource(await readFile(join(folder, file)))));
  const [decoder, encoder] = await Promise.all(models);
  const ids = longs([1, 2], [3, 5]);
  const mask = longs([1, 2], [1, 1]);
  const encoded = await runModel(encoder, { input_ids: ids, attention_mask: mask }, 'all');
  const encoder_hidden_states = encoded.get('last_hidden_state');
  if (encoder_hidden_states === undefined) throw new Error('The encoder gave nothing.');
  const input_ids = longs([1, 2], [0, 3]);
  const logits = (await runModel(decoder, { input_ids, encoder_hidden_states }, 'all')).get(
    'logits',
  );
  if (logits === undefined) throw new Error('The decoder gave nothing.');
  return logits;
}
