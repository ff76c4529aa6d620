import { describe, expect, it } from 'vitest';
import { testHost } from '../../../test/support/sample.ts';
import { decoderFolder, tinyDecoder, wordText } from '../../../test/support/tiny-decoder.ts';
import { findLayers } from '../../core/anatomy/layers.ts';
import { CancelledError } from '../../core/errors/lathe-error.ts';
import { readWeight } from '../../core/methods/weight.ts';
import type { Model } from '../../core/onnx/types.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { readWritten, writtenBytes } from '../model/written.ts';
import { runTrial } from '../run-trial.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { TrialStore } from '../trials/store.ts';
import type { TrainingEvent } from './events.ts';

const TRAINING = {
  ...{ steps: 24, batchSize: 4, validateEvery: 4, warmup: 2, learningRate: 0.003 },
  from: 'labels',
};
const SPARSITY = 0.8;

interface Ways {
  readonly storage?: MemoryStorage;
  readonly data?: number;
  readonly stopAt?: number;
}

/** Runs that start afresh on the same data are the same run. */
const known = new Map<string, ReturnType<typeof runAnew>>();

function run(open: OpenModel, steps: readonly unknown[], ways: Ways = {}) {
  if (ways.storage !== undefined) return runAnew(open, steps, ways);
  const key = JSON.stringify([open.sha256, steps, ways]);
  const found = known.get(key) ?? runAnew(open, steps, ways);
  known.set(key, found);
  return found;
}

async function runAnew(open: OpenModel, steps: readonly unknown[], ways: Ways) {
  const { storage = new MemoryStorage(), data = 1, stopAt } = ways;
  const calibration = { data: 'words.txt', samples: 16, length: 12 };
  const recipe = parseRecipe({ version: 1, seed: 5, calibration, steps });
  const host = { ...testHost(storage), runtime: () => createNodeRuntime({ threads: 1 }) };
  const controller = new AbortController();
  const hooks = {
    signal: controller.signal,
    progress: () => {},
    onTraining: ({ step }: TrainingEvent) => void (step === stopAt && controller.abort()),
  };
  const input = { open, recipe, calibration: wordText(600, data), evaluation: wordText(300, 2) };
  const { id, report } = await runTrial(host, input, hooks);
  const written = await new TrialStore(storage).written(id);
  expect(writtenBytes(written)).toBe((await planRecipe(open.model, open.anatomy, recipe)).bytes);
  const kl = report?.evaluation?.compressed.kl?.value ?? Number.NaN;
  return { report, kl, model: await readWritten(written), sha256: report?.outputSha256 };
}

const step = (method: string, options: object = {}, target: unknown = 'feed-forward') => ({
  ...{ method, target },
  options: { ...TRAINING, sparsity: SPARSITY, interval: 3, ...options },
});

const plain = (method: string, options: object) => ({ method, target: 'feed-forward', options });

/** A model that has learned what the words are like, so that pruning it costs something. */
async function taught(fixture: string, steps = 60): Promise<OpenModel> {
  const open = await openModel(await decoderFolder(tinyDecoder(fixture)));
  const { from: _, ...training } = TRAINING;
  const options = { ...training, steps, learningRate: 0.02 };
  const { model } = await run(open, [{ method: 'fine-tune', options }]);
  return openModel(await decoderFolder(model));
}

const learned = await taught('gpt2 plain, opset 13');

/** W [out, in] of the feed-forward layers. */
async function weights(model: Model): Promise<readonly Float32Array[]> {
  const names = new Set(
    learned.anatomy.layers
      .filter(({ role }) => role === 'up' || role === 'down')
      .map(({ weight }) => weight),
  );
  const layers = findLayers(learned.model).filter(({ weight }) => names.has(weight));
  return Promise.all(layers.map(async (layer) => (await readWeight(model, layer)).values));
}

const zeros = (values: Float32Array): number => values.filter((value) => value === 0).length;

describe.each(['gradual', 'movement'])('%s', (method) => {
  it('leaves exactly the share asked for, and the file as large as before', async () => {
    const { model, report } = await run(learned, [step(method)]);
    for (const values of await weights(model)) {
      expect(zeros(values)).toBe(Math.trunc(values.length * SPARSITY) + 1);
    }
    // The last pruning comes after 15 steps: what did best before it is no result.
    expect(report?.training?.[0]).toMatchObject({ method, steps: 24, end: 'finished' });
    expect(report?.training?.[0].bestStep).toBeGreaterThan(15);
    expect(model.graph.nodes).toHaveLength(learned.model.graph.nodes.length);
  }, 60_000);

  it('stored sparse it is smaller and computes the same', async () => {
    const dense = await run(learned, [step(method)]);
    const packed = await run(learned, [step(method, { store: 'packed' })]);
    expect(packed.kl).toBeCloseTo(dense.kl, 5);
    expect(await weights(packed.model)).toEqual(await weights(dense.model));
    const bytes = ({ graph }: Model) =>
      graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(bytes(packed.model)).toBeLessThan(bytes(dense.model));
  }, 60_000);

  it('leaves 2 of every 4, with 0 violations', async () => {
    const { model } = await run(learned, [step(method, { pattern: '2:4' })]);
    for (const values of await weights(model)) {
      for (let from = 0; from < values.length; from += 4) {
        expect(zeros(values.subarray(from, from + 4))).toBe(2);
      }
    }
  }, 60_000);

  it('without sparsity it is fine-tuning, to the bit', async () => {
    const { from: _, ...training } = TRAINING;
    const tuned = await run(learned, [plain('fine-tune', training)]);
    const { model } = await run(learned, [step(method, { sparsity: 0 })]);
    expect(await weights(model)).toEqual(await weights(tuned.model));
  }, 60_000);

  it('gives the same bytes after an interruption, before and after the last pruning', async () => {
    const whole = await run(learned, [step(method)]);
    for (const stopAt of [7, 19]) {
      const storage = new MemoryStorage();
      const first = run(learned, [step(method)], { storage, stopAt });
      await expect(first).rejects.toThrow(CancelledError);
      expect(await storage.list('checkpoints')).toHaveLength(1);
      expect((await run(learned, [step(method)], { storage })).sha256).toBe(whole.sha256);
    }
  }, 60_000);

  it('prunes otherwise than magnitude and healing, and what its data say', async () => {
    const heal = { ...TRAINING, steps: 24 };
    const baseline = [plain('magnitude', { sparsity: SPARSITY }), plain('heal', heal)];
    const [own, other, before] = [
      await run(learned, [step(method)]),
      await run(learned, [step(method)], { data: 9 }),
      await run(learned, baseline),
    ];
    const kept = async ({ model }: { readonly model: Model }) =>
      (await weights(model)).map((values) => values.map((value) => Number(value !== 0)));
    expect(await kept(own)).not.toEqual(await kept(before));
    expect(await weights(own.model)).not.toEqual(await weights(other.model));
  }, 60_000);

  it('what was pruned before stays pruned', async () => {
    const half = plain('magnitude', { sparsity: 0.5 });
    const before = await weights((await run(learned, [half])).model);
    const after = await weights((await run(learned, [half, step(method)])).model);
    before.forEach((values, at) => {
      values.forEach((value, i) => value === 0 && expect(after[at][i]).toBe(0));
      expect(zeros(after[at])).toBeGreaterThan(zeros(values));
    });
  }, 60_000);
});

it.each(['gradual', 'movement'])(
  '%s learns from the original where asked, at less distance than magnitude alone',
  async (method) => {
    const alone = await run(learned, [plain('magnitude', { sparsity: 0.9 })]);
    const options = { sparsity: 0.9, steps: 200, from: 'teacher', validateEvery: 50, interval: 10 };
    const { kl } = await run(learned, [step(method, options)]);
    expect(kl).toBeLessThan(alone.kl);
  },
  60_000,
);
