import { describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../../test/support/sample.ts';
import type { TextDataset } from '../../core/data/types.ts';
import { recognise } from '../../core/anatomy/recognise.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { ownData } from '../data/read.ts';
import { openModel } from '../model/open.ts';
import { readWritten, writtenBytes } from '../model/written.ts';
import { runTrial } from '../run-trial.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { TrialStore } from '../trials/store.ts';

const open = await openModel(await sampleModel('stories'));
const calibration = await ownData(open, 'calibration');
/** Measuring is no part of this test: few words will do. */
const evaluation: TextDataset = {
  kind: 'text',
  name: 'words.txt',
  documents: ['Once upon a time there was a little girl.', 'The dog ran to the park to play.'],
};
const TRAINING = { steps: 2, batchSize: 2, warmup: 0, validateEvery: 2, learningRate: 3e-3 };

function recipeOf(steps: readonly unknown[]) {
  const amount = { data: 'd', samples: 4, length: 32 };
  return parseRecipe({ version: 1, seed: 3, calibration: amount, steps });
}

async function run(steps: readonly unknown[]) {
  const storage = new MemoryStorage();
  const host = { ...testHost(storage), runtime: () => createNodeRuntime({ threads: 1 }) };
  const recipe = recipeOf(steps);
  const trial = await runTrial(
    host,
    { open, recipe, calibration, evaluation },
    { progress: () => {} },
  );
  const written = await new TrialStore(storage).written(trial.id);
  return { recipe, report: trial.report, written, model: await readWritten(written) };
}

const distillInto = (options: object) => ({
  method: 'distill',
  target: 'all',
  options: { student: 'fresh', ...TRAINING, ...options },
});

describe('a fresh student in a recipe', () => {
  it('learns, is quantized by the step behind it, and healed by one behind that', async () => {
    const { recipe, report, written, model } = await run([
      distillInto({ ratio: 0.4, hidden: 1, relations: 1 }),
      { method: 'round-to-nearest', options: { bits: 4, blockSize: 32 } },
      { method: 'distill', target: 'all', options: { ...TRAINING, relations: 0.5, steps: 1 } },
    ]);
    const [first, second] = report?.training ?? [];
    expect(first.after.value).toBeLessThan(first.before.value);
    // The student's 35 000 numbers and two matrices of 32 × 64 between hidden states.
    expect(first.trainedParameters).toBeGreaterThan(2 * 32 * 64);
    expect(second.after.value).toBeLessThanOrEqual(second.before.value);
    const plan = await planRecipe(open.model, open.anatomy, recipe);
    expect(plan.bytes).toBe(writtenBytes(written));
    const { blocks, hiddenSize } = recognise(model);
    expect([blocks.length, hiddenSize]).toEqual([2, 32]);
    const operators = new Set(model.graph.nodes.map(({ opType }) => opType));
    expect(operators).toContain('MatMulNBits');
    expect(report?.layers.length).toBeGreaterThanOrEqual(14);
    expect(model.graph.initializers.some(({ name }) => name.includes('projection'))).toBe(false);
  }, 240_000);

  it('of other heads is not compared by attention maps, and that is said before it runs', async () => {
    await expect(run([distillInto({ attention: 1 })])).rejects.toThrow(
      'Block 0 of the student has 4 attention heads and block 0 of the teacher 8, so their attention maps cannot be compared head by head; give the relations a weight instead, which need no equal heads.',
    );
  });
});
