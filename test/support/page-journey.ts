import { buildLlama } from '../../src/core/onnx/build/llama.ts';
import { initialLlamaWeights } from '../../src/core/onnx/build/initial-weights.ts';
import type { LlamaConfig } from '../../src/core/onnx/build/llama-config.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import type { Recipe } from '../../src/core/recipe/types.ts';
import type { Host } from '../../src/engine/host.ts';
import type { TrialHooks, TrialInput } from '../../src/engine/job.ts';
import type { ModelFolder } from '../../src/engine/model/types.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { runTrial } from '../../src/engine/run-trial.ts';
import { MemoryStorage } from '../../src/engine/storage/memory.ts';
import type { Trial } from '../../src/engine/trials/types.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { decodersFolder, wordText } from './tiny-decoder.ts';

const WORDS = 40;

/** A Llama of one block that a software graphics device runs in milliseconds. */
const TINY: LlamaConfig = {
  vocabularySize: WORDS,
  hiddenSize: 32,
  feedForwardWidth: 64,
  blocks: 1,
  heads: 4,
  keyValueHeads: 2,
  maxPositions: 24,
  rotary: 'half-split',
};

export const LORA = {
  ...{ result: 'adapter', steps: 4, batchSize: 2, rank: 2, learningRate: 1e-3 },
} as const;

/** What a reader is told where a device was lost. */
export const LOST =
  'The graphics device was lost (a driver reset, sleep, or too little GPU memory); finished work is kept, and the run goes on with WebAssembly.';

/** GPTQ on calibration data, then a low-rank adapter trained on the same. */
export function journeyRecipe(lora?: Readonly<Record<string, unknown>>): Recipe {
  const steps = [
    { method: 'gptq', options: { bits: 4, blockSize: 16 } },
    ...(lora ? [{ method: 'lora', options: lora }] : []),
  ];
  const calibration = { data: 'words.txt', samples: 6, length: 16 };
  return parseRecipe({ version: 1, seed: 7, calibration, steps });
}

/** The model with its tokenizer. */
export function journeyFolder(): Promise<ModelFolder> {
  const model = buildLlama(TINY, initialLlamaWeights(TINY, 7, 0.3));
  return decodersFolder({ 'model.onnx': model }, WORDS);
}

export async function journeyInput(recipe: Recipe): Promise<TrialInput> {
  const open = await openModel(await journeyFolder());
  return { open, recipe, calibration: wordText(240, 1), evaluation: wordText(80, 2) };
}

/** A host of one device, with another behind it. */
export function deviceHost(runtime: Runtime, fallback?: Runtime): Host {
  return {
    storage: new MemoryStorage(),
    runtime: async () => runtime,
    device: runtime.device,
    ...(fallback && { fallback: async () => fallback }),
    now: () => Date.now(),
    statistics: new Map(),
  };
}

export async function journey(
  host: Host,
  recipe: Recipe,
  hooks: Partial<TrialHooks> = {},
): Promise<Trial> {
  return runTrial(host, await journeyInput(recipe), { progress: () => {}, ...hooks });
}
