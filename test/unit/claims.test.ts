/** What the methods promise, on the shipped story model and held-out text, outside the paired error. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readData } from '../../src/cli/data.ts';
import { modelFolder } from '../../src/cli/files/model-folder.ts';
import type { TextDataset, TokenWindow } from '../../src/core/data/types.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import { windowsOf } from '../../src/engine/data/batches.ts';
import type { Host } from '../../src/engine/host.ts';
import { openModel, type OpenModel } from '../../src/engine/model/open.ts';
import { runTrial } from '../../src/engine/run-trial.ts';
import { MemoryStorage } from '../../src/engine/storage/memory.ts';
import { TrialStore } from '../../src/engine/trials/store.ts';
import { evaluate } from '../../src/runtime/evaluate/evaluate.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import type { Runtime, Session } from '../../src/runtime/types.ts';

const DOCUMENTS = 20;
const LENGTH = 160;
const MATMULS = { all: true, except: ['embedding'] };

let runtime: Runtime;
let host: Host;
let open: OpenModel;
let original: Session;
let windows: readonly TokenWindow[];
let calibration: TextDataset;
let evaluation: TextDataset;

beforeAll(async () => {
  runtime = await createWasmRuntime({ threads: 1 });
  const storage = new MemoryStorage();
  host = { storage, runtime: () => Promise.resolve(runtime), now: () => 0, statistics: new Map() };
  open = await openModel(await modelFolder('sample:stories'));
  original = await runtime.open(open.model);
  calibration = await textOf('calibration');
  const all = await textOf('evaluation');
  windows = windowsOf(open, all, { length: LENGTH, limit: DOCUMENTS });
  evaluation = { ...all, documents: all.documents.slice(0, 1).map((text) => text.slice(0, 300)) };
});

async function textOf(purpose: 'calibration' | 'evaluation'): Promise<TextDataset> {
  const data = await readData(open, 'sample:stories', purpose);
  if (data.kind !== 'text') throw new Error('the stories sample has no text');
  return data;
}

async function compressed(method: string, options: object, text = calibration) {
  const recipe = parseRecipe({
    version: 1,
    calibration: { data: text.name, samples: 24, length: 256 },
    steps: [{ method, target: MATMULS, options }],
  });
  const input = { open, recipe, calibration: text, evaluation };
  const trial = await runTrial(host, input, { progress: () => undefined });
  const file = await new TrialStore(host.storage).file(trial.id);
  return { trial, bytes: await file.read(0, file.byteLength) };
}

/** Mean KL to the original, document by document. */
async function klByDocument(bytes: Uint8Array): Promise<number[]> {
  const model = await runtime.openBytes(bytes);
  const values: number[] = [];
  for (const window of windows) {
    const data = { task: 'language-model' as const, windows: [window] };
    const { compressed: metrics } = await evaluate(
      { original: { session: original }, model: { session: model } },
      data,
    );
    values.push(metrics.kl?.value ?? NaN);
  }
  await model.release();
  return values;
}

/** Mean and standard error of a − b over the same documents. */
function paired(a: readonly number[], b: readonly number[]): { mean: number; error: number } {
  const differences = a.map((value, i) => value - b[i]);
  const n = differences.length;
  const mean = differences.reduce((sum, d) => sum + d, 0) / n;
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (n - 1);
  return { mean, error: Math.sqrt(variance / n) };
}

async function comparison(better: [string, object], baseline: [string, object]) {
  const a = await klByDocument((await compressed(...better)).bytes);
  const b = await klByDocument((await compressed(...baseline)).bytes);
  return paired(a, b);
}

describe('on sample:stories, over all MatMuls', () => {
  it.each([4, 3])('GPTQ at %i bits moves the model less than round-to-nearest', async (bits) => {
    const options = { bits, blockSize: 32 };
    const { mean, error } = await comparison(['gptq', options], ['round-to-nearest', options]);
    expect(mean).toBeLessThan(-2 * error);
  });

  it('Wanda at 50 % moves the model less than magnitude pruning', async () => {
    const options = { sparsity: 0.5 };
    const { mean, error } = await comparison(['wanda', options], ['magnitude', options]);
    expect(mean).toBeLessThan(-2 * error);
  });

  it('without half of the neurons, their mean in the bias moves the model less than nothing in their place', async () => {
    const options = { ratio: 0.5, score: 'fluctuation' };
    const { mean, error } = await comparison(
      ['ffn-neurons', { ...options, compensation: 'mean' }],
      ['ffn-neurons', { ...options, compensation: 'none' }],
    );
    expect(mean).toBeLessThan(-2 * error);
  });

  it('structured OBS moves the model less than the mean in the bias', async () => {
    const { mean, error } = await comparison(
      ['ffn-neurons', { ratio: 0.25, compensation: 'obs' }],
      ['ffn-neurons', { ratio: 0.25, score: 'fluctuation', compensation: 'mean' }],
    );
    expect(mean).toBeLessThan(-2 * error);
  });

  it('GPTQ looks at its calibration: other text gives other bytes, the same text the same', async () => {
    const other = { ...calibration, documents: [...calibration.documents].slice(40) };
    const options = { bits: 4, blockSize: 32 };
    const [first, again, changed] = [
      (await compressed('gptq', options)).trial.report?.outputSha256,
      (await compressed('gptq', options)).trial.report?.outputSha256,
      (await compressed('gptq', options, other)).trial.report?.outputSha256,
    ];
    expect(again).toBe(first);
    expect(changed).not.toBe(first);
  });
});
