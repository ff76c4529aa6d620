import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { runFirstOutput } from '../../../test/fixtures/layouts/run.ts';
import { oneLayerModel } from '../../../test/fixtures/methods/models.ts';
import { activations, seenOf } from '../../../test/fixtures/methods/statistics.ts';
import type { Anatomy, Layer } from '../../core/anatomy/types.ts';
import { recognise } from '../../core/anatomy/recognise.ts';
import { findAdapters } from '../../core/adapters/find.ts';
import type { Model } from '../../core/onnx/types.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { modelParts } from '../../core/onnx/write.ts';
import { buildReport } from '../../core/recipe/build-report.ts';
import { embedReport } from '../../core/report/embed.ts';
import { runRecipe } from './run-recipe.ts';
import type { LookProvider } from './types.ts';

const HASH = 'a'.repeat(64);

const looks: LookProvider = {
  sha256: HASH,
  collect: async (_model, asked) =>
    madeUp(asked.flatMap(({ rowsOf }) => (rowsOf === undefined ? [] : [rowsOf]))),
  async *walk({ layers }) {
    for (const layer of layers) yield { layers: [layer], seen: madeUp([layer]) };
  },
};

function madeUp(layers: readonly Layer[]) {
  return seenOf(layers, ({ inFeatures }) => activations(inFeatures + 8, inFeatures, 4));
}

async function made(model: Model, anatomy: Anatomy, ...steps: readonly unknown[]) {
  const plan = await planRecipe(model, anatomy, parseRecipe({ version: 1, steps }));
  const context = { plan, looks, progress: () => {} };
  const result = await runRecipe({ model, anatomy, sha256: HASH }, context, undefined);
  expect(plan.problems).toEqual([]);
  const facts = { tool: 'lathe 0.1.0', inputSha256: HASH, calibrationSha256: HASH };
  const report = buildReport(plan, { ...facts, layers: result.measured });
  expect(modelParts(embedReport(result.model, report)).byteLength).toBe(plan.bytes);
  return { plan, ...result };
}

/** Corrects what was encoded, and quantizes nothing. */
const repair = (options: object = {}) => {
  return { method: 'low-rank-residual', options: { quantizer: 'none', rank: 4, ...options } };
};
const round = { method: 'round-to-nearest', options: { bits: 3 } };

const [rows, columns] = [40, 64];
const one = oneLayerModel('MatMul', rows, columns);
const oneAnatomy: Anatomy = {
  ...{ kind: 'layers-only', layout: 'layers only', layers: [one.layer], blocks: [], notes: [] },
};

describe('a correction of what an earlier step stored', () => {
  it.each([
    ['codes without a kernel', round],
    ['codes with a kernel', { method: 'round-to-nearest', options: { bits: 2 } }],
    ['codes of a table', { method: 'codebook', options: {} }],
    ['a sum', { method: 'sparse-outliers', options: { bits: 2 } }],
    ['zeros', { method: 'magnitude', options: { sparsity: 0.6 } }],
    ['zeros that are not stored', { method: 'magnitude', options: { store: 'packed' } }],
  ])('%s: the layer’s error falls, and its own bytes stay', async (_, step) => {
    const { model, measured, plan } = await made(one.model, oneAnatomy, step, repair());
    const [before, after] = measured;
    // The first step’s error is the weight’s; the correction’s is the output’s, as it looked at data.
    expect(after).toMatchObject({ step: 1, errorKind: 'output' });
    const weights = await made(one.model, oneAnatomy, step, repair({ basis: 'weights' }));
    expect(weights.measured[1].errorKind).toBe('weight');
    expect(weights.measured[1].relativeError).toBeLessThan(0.9 * before.relativeError);
    const [line] = plan.steps[1].lines;
    expect(line.bytesAfter - line.bytesBefore).toBe(4 * (rows + columns) * 2);
    expect(await findAdapters(model)).toMatchObject([{ module: 'w', scale: 1 }]);
  });

  it('is what quantizing and correcting in one step gives', async () => {
    const together = { ...repair(), options: { bits: 3, rank: 4 } };
    const two = await made(one.model, oneAnatomy, round, repair());
    const { measured } = await made(one.model, oneAnatomy, together);
    // The same numbers, summed in another order.
    const ratio = two.measured[1].relativeError / measured[0].relativeError;
    expect(Math.abs(ratio - 1)).toBeLessThan(1e-4);
  });

  it('is made without being told, where the step has a quantizer of its own', async () => {
    const asked = await made(one.model, oneAnatomy, round, repair());
    const other = repair({ quantizer: 'round-to-nearest' });
    const told = await made(one.model, oneAnatomy, round, other);
    expect(told.measured).toEqual(asked.measured);
  });

  it('factors of 8 bits take half the bytes', async () => {
    const { plan, measured } = await made(
      one.model,
      oneAnatomy,
      round,
      repair({ factors: '8 bits' }),
    );
    const [line] = plan.steps[1].lines;
    expect(line.bytesAfter - line.bytesBefore).toBe(4 * (rows + columns) + 2 * (rows + 4));
    const floats = await made(one.model, oneAnatomy, round, repair());
    expect(measured[1].relativeError).toBeLessThan(1.1 * floats.measured[1].relativeError);
  });

  const skippedOf = async (...steps: readonly unknown[]) => {
    const plan = await planRecipe(one.model, oneAnatomy, parseRecipe({ version: 1, steps }));
    return plan.steps.at(-1)?.skipped.map(({ reason }) => reason);
  };

  it('is refused where nothing was lost before, and where the rank is that of the matrix', async () => {
    expect(await skippedOf(repair())).toEqual([
      '"w" is as it was opened, so there is no error to correct, and it was left as it is; put a step that compresses it before this one, or choose a quantizer.',
    ]);
    expect(await skippedOf(round, repair({ rank: 40 }))).toEqual([
      '"w" is a 40 × 64 matrix, and a correction of rank 40 would be no smaller than that, so it was left as it is; choose a rank below 40.',
    ]);
    expect(await skippedOf(round, repair(), repair())).toEqual([
      '"w" is stored in a form that cannot be read back, so it was left as it is.',
    ]);
  });
});

/** One of each layout, and one of half precision. */
const LAYOUTS = layoutFixtures.filter(
  ({ name }, i) =>
    name.includes('halves') ||
    layoutFixtures.findIndex((other) => layoutOf(other.name) === layoutOf(name)) === i,
);

function layoutOf(name: string): string {
  return name.split(' ')[0];
}

describe.each(LAYOUTS.map((fixture) => [fixture.name, fixture] as const))('%s', (_, fixture) => {
  it('is nearer to the original with corrections beside its codes', async () => {
    const model = fixture.model();
    const anatomy = recognise(model);
    const target = { all: true, except: ['embedding'] };
    const rounding = { ...round, target };
    const repairing = { ...repair({ basis: 'weights', rank: 8 }), target };
    const rounded = await made(model, anatomy, rounding);
    const corrected = await made(model, anatomy, rounding, repairing);
    const outputs = [];
    for (const each of [model, rounded.model, corrected.model])
      outputs.push((await runFirstOutput(each, fixture.feeds)).data);
    const [wanted, before, after] = outputs;
    const distance = (other: Float32Array) =>
      other.reduce((sum, value, i) => sum + (value - wanted[i]) ** 2, 0);
    expect(distance(after)).toBeLessThan(distance(before));
  });
});

it('layers that scales were folded into are left alone: their weights stand for something else', async () => {
  const [fixture] = layoutFixtures;
  const model = fixture.model();
  const steps = [{ method: 'awq' }, repair()];
  const plan = await planRecipe(model, recognise(model), parseRecipe({ version: 1, steps }));
  const [awq, repairs] = plan.steps;
  const [first] = awq.lines;
  expect(repairs.lines).toEqual([]);
  expect(repairs.skipped.map(({ reason }) => reason)).toContain(
    `"${first.layer.name}" no longer stands for the weight that was opened: an earlier step also changed "transformer.h.0.ln_1.weight" around it, so it was left as it is.`,
  );
});
