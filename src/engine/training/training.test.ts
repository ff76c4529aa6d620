import { describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../../test/support/sample.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import type { TextDataset } from '../../core/data/types.ts';
import { CancelledError } from '../../core/errors/lathe-error.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { sha256Of } from '../hash.ts';
import type { Host } from '../host.ts';
import { ownData } from '../data/read.ts';
import { openModel } from '../model/open.ts';
import { readWritten } from '../model/written.ts';
import { runTrial } from '../run-trial.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { TrialStore } from '../trials/store.ts';
import type { TrainingEvent, TrainingStart } from './events.ts';
import { trainingData } from './training-data.ts';

const open = await openModel(await sampleModel('stories'));
const calibration = await ownData(open, 'calibration');
const OBJECTIVE = {
  version: 1,
  length: 32,
  method: 'lora',
  target: 'attention',
  options: { rank: 2, steps: 6, batchSize: 2, validateEvery: 3, warmup: 2 },
};

function text(documents: readonly string[]): TextDataset {
  return { kind: 'text', name: 'words.txt', documents };
}

/** The native runtime opens training graphs many times faster; parity with WebAssembly is tested elsewhere. */
function nativeHost(storage: MemoryStorage): Host {
  return { ...testHost(storage), runtime: () => createNodeRuntime({ threads: 1 }) };
}

/** Runs the objective, counting events, and cancels after `stopAt` steps. */
async function train(storage: MemoryStorage, options = {}, stopAt = Infinity) {
  const controller = new AbortController();
  const events: TrainingEvent[] = [];
  const starts: TrainingStart[] = [];
  const recipe = parseObjective(
    { ...OBJECTIVE, options: { ...OBJECTIVE.options, ...options } },
    'd',
  );
  const hooks = {
    signal: controller.signal,
    progress: () => {},
    onTrainingStart: (start: TrainingStart) => starts.push(start),
    onTraining: (event: TrainingEvent) => {
      events.push(event);
      if (event.step === stopAt) controller.abort();
    },
  };
  const run = runTrial(nativeHost(storage), { open, recipe, calibration }, hooks);
  const trial = await run.catch((error: unknown) => {
    if (error instanceof CancelledError) return undefined;
    throw error;
  });
  return { trial, events, starts };
}

describe('training as a step of a recipe', () => {
  it('trains the adapters alone, and gives the same bytes after an interruption', async () => {
    // Masks of a dropout are part of what must come again.
    const options = { dropout: 0.1 };
    const whole = await train(new MemoryStorage(), options);
    const record = whole.trial?.report?.training?.[0];
    expect(record).toMatchObject({ method: 'lora', steps: 6, end: 'finished' });
    expect(record?.trainedParameters).toBeLessThan(0.05 * (record?.parameters ?? 0));
    expect(record?.after.value).toBeLessThanOrEqual(record?.before.value ?? 0);
    expect(whole.events.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);

    const storage = new MemoryStorage();
    const first = await train(storage, options, 4);
    expect(first.trial).toBeUndefined();
    const second = await train(storage, options);
    expect(second.events.map(({ step }) => step)).toEqual([5, 6]);
    expect(first.starts).toMatchObject([{ steps: 6, resumedAt: 0, curve: [], validation: [] }]);
    expect(second.starts).toMatchObject([{ steps: 6, resumedAt: 4 }]);
    expect(second.starts[0].curve.map(([step]) => step)).toEqual([1, 2, 3, 4]);
    expect(second.starts[0].before).toEqual(record?.before);
    expect(second.events.map(({ loss }) => loss)).toEqual(
      whole.events.slice(4).map(({ loss }) => loss),
    );
    expect(second.trial?.report?.outputSha256).toBe(whole.trial?.report?.outputSha256);
    expect(await storage.list('checkpoints')).toEqual([]);
  }, 60_000);

  it('trains beside 4-bit weights and leaves their bytes as they were', async () => {
    const quantize = { method: 'round-to-nearest', options: { bits: 4 } };
    const adapt = {
      method: 'lora',
      target: 'attention',
      options: { ...OBJECTIVE.options, rank: 8, result: 'adapter' },
    };
    const built = async (steps: readonly unknown[]) => {
      const storage = new MemoryStorage();
      const recipe = parseRecipe({
        version: 1,
        calibration: { data: 'd', samples: 4, length: 32 },
        steps,
      });
      const hooks = { progress: () => {} };
      const trial = await runTrial(nativeHost(storage), { open, recipe, calibration }, hooks);
      const { graph } = await readWritten(await new TrialStore(storage).written(trial.id));
      const hashes = graph.initializers.map(
        async (t) => [t.name, await sha256Of([await t.data.read()])] as const,
      );
      return { trial, tensors: new Map(await Promise.all(hashes)) };
    };
    const [base, adapted] = [await built([quantize]), await built([quantize, adapt])];
    for (const [name, hash] of base.tensors) expect(adapted.tensors.get(name), name).toBe(hash);
    const added = [...adapted.tensors.keys()].filter((name) => !base.tensors.has(name));
    expect(added.every((name) => name.includes('lora'))).toBe(true);
    const record = adapted.trial.report?.training?.[0];
    expect(record?.after.value).toBeLessThan(record?.before.value ?? 0);
  }, 60_000);

  it('a student that is its teacher has nothing to learn', async () => {
    const objective = { ...OBJECTIVE, method: 'distill', target: 'all' };
    const terms = { logits: 1, hidden: 1, attention: 1, relations: 1 };
    const options = { ...terms, temperature: 2, steps: 1, batchSize: 2, warmup: 0 };
    const recipe = parseObjective({ ...objective, options }, 'd');
    const losses: number[] = [];
    const onTraining = ({ loss }: TrainingEvent) => void losses.push(loss);
    const input = { open, recipe, calibration };
    await runTrial(nativeHost(new MemoryStorage()), input, { progress: () => {}, onTraining });
    expect(losses).toHaveLength(1);
    expect(Math.abs(losses[0])).toBeLessThan(1e-6);
  }, 60_000);

  it('a learning rate far too high ends with the best weights, not with broken ones', async () => {
    const { trial } = await train(new MemoryStorage(), { learningRate: 1, steps: 6 });
    const record = trial?.report?.training?.[0];
    expect(record?.bestStep).toBe(0);
    expect(record?.after).toEqual(record?.before);
  }, 60_000);
});

describe('what is refused before anything runs', () => {
  it('sequences longer than the context', async () => {
    await expect(trainingData(open, text(['a'.repeat(9000)]), 2, 600)).rejects.toThrow(
      'The training asks for sequences of 600 tokens, and "stories" was made for at most 512; set calibration.length to 512 or less.',
    );
  });

  it('a set that leaves nothing to keep aside', async () => {
    const one = text(['Once upon a time there was a little girl.']);
    await expect(trainingData(open, one, 2, 8)).rejects.toThrow(
      'The data "words.txt" gives 1 sequence, and at least two are needed: one to train on and one to keep aside; choose more data or shorter sequences.',
    );
  });

  it('a rank that is no smaller than the matrix', async () => {
    await expect(train(new MemoryStorage(), { rank: 64 })).rejects.toThrow(
      /^"model\.layers\.0\.self_attn\.\w+\.weight" is a \d+ × 64 matrix, so an adapter of rank 64 would not be smaller than the matrix itself; choose a rank below \d+\.$/,
    );
  });

  it('labels outside the classes', async () => {
    const digits = await openModel(await sampleModel('digits'));
    const dataset = await ownData(digits, 'calibration');
    if (dataset?.kind !== 'examples') throw new Error('The digits sample has examples.');
    const labels = new Int32Array(dataset.count).fill(10);
    const data = await trainingData(digits, { ...dataset, labels }, 4, 1);
    expect(() => data.checkClasses(10)).toThrow(
      `The data "${dataset.name}" has the label 10, and the model scores only the classes 0 to 9; correct the labels or choose the model they belong to.`,
    );
    const unlabelled = { ...dataset, labels: undefined };
    await expect(trainingData(digits, unlabelled, 4, 1)).rejects.toThrow(
      `The data "${dataset.name}" has no labels, so there is nothing to learn from it; add an array "labels" with one class number per example.`,
    );
  });
});
