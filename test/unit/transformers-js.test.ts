import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AutoModelForSeq2SeqLM,
  AutoTokenizer,
  env,
  pipeline,
  Tensor,
} from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFolder } from '../../src/cli/files/write-folder.ts';
import { presetByName } from '../../src/core/recipe/presets.ts';
import { exportedFolder, exportedParts } from '../../src/engine/export/folder.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { partsByWords } from '../../src/engine/model/part-words.ts';
import { runParts } from '../../src/engine/parts/run-parts.ts';
import { runTrial } from '../../src/engine/run-trial.ts';
import { MemoryStorage } from '../../src/engine/storage/memory.ts';
import { TrialStore } from '../../src/engine/trials/store.ts';
import { cachedDecoder, CACHED } from '../fixtures/cached-decoder.ts';
import { sampleModel, testHost } from '../support/sample.ts';
import { wordTokenizer } from '../support/tiny-decoder.ts';
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

async function exportWhole(name: string, folder: ModelFolder, preset: string): Promise<void> {
  const storage = new MemoryStorage();
  const open = await openModel(folder);
  const trial = await runTrial(testHost(storage), { open, recipe: recipeOf(preset) }, quiet);
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

describe('transformers.js loads what is exported', () => {
  it.each([
    ['q8', 'q8'],
    ['q4', 'q4'],
    ['fp16', 'fp16'],
  ] as const)('text by a cached decoder, %s', async (preset, dtype) => {
    await exportWhole(`cached-${preset}`, await cachedFolder(), preset);
    const generate = await pipeline('text-generation', `cached-${preset}`, { dtype });
    const [{ generated_text: text }] = (await generate('w3 w5 w7', {
      max_new_tokens: 6,
      do_sample: false,
    })) as { generated_text: string }[];
    expect(String(text).split(/\s+/).length).toBeGreaterThan(6);
    expect(String(text)).toMatch(/^w3 w5 w7/);
  });

  it('an image by a classifier', async () => {
    await exportWhole('digits', await sampleModel('digits'), 'q8');
    expect(root).not.toBe('');
  });

  it.each([
    ['all', 'q4'],
    ['all', 'q8'],
    ['encoder', 'q4'],
  ])('an encoder and a decoder, of which %s went through %s, without a word on dtypes', async (words, preset) => {
    const name = `parts-${words}-${preset}`;
    await exportParts(name, await tinyPartsFolder(), words, preset);
    const model = await AutoModelForSeq2SeqLM.from_pretrained(name);
    const tokenizer = await AutoTokenizer.from_pretrained(name);
    const decoder_input_ids = new Tensor('int64', [0n, 3n], [1, 2]);
    const { logits } = await model({ ...tokenizer('w3 w5'), decoder_input_ids });
    expect(logits.dims).toEqual([1, 2, 40]);
  });
});
