import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  columns,
  relativeOutputError,
  rows,
  tokens,
  vector,
} from '../../../../../test/golden/load.ts';
import { momentsOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { inputOf, lookKey } from '../../../statistics/look.ts';
import { createMean } from '../../../statistics/mean/mean.ts';
import { createNorms } from '../../../statistics/norms/norms.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { seenIn } from '../../../statistics/seen.ts';
import { beginElimination, eliminateCheapest, eliminateChosen } from './obs.ts';
import type { ColumnOptions } from './options.ts';
import { factorOf, transposedWeight, type ColumnProblem } from './problem.ts';
import { cutColumns } from './refit.ts';
import { meanOverSamples, unitScores } from './scores.ts';
import { columnsOf, highest, without } from './units.ts';

const recorded = z.object({
  rel_out_err: z.number(),
  settings: z.object({ removed: z.number() }),
  removed: z.array(z.number()).optional(),
});
const manifest = z
  .record(z.string(), recorded)
  .parse(
    JSON.parse(
      readFileSync(
        new URL('../../../../../test/golden/vectors/structured.json', import.meta.url),
        'utf8',
      ),
    ),
  );

const layer: Layer = {
  ...{ name: 'down', op: 'MatMul', input: 'x', weight: 'w', output: 'y', layout: 'in-out' },
  ...{ inFeatures: columns, outFeatures: rows, role: 'down', group: 'feed-forward' },
};
const [w, x] = [vector('W'), vector('X')];
const means = createMean(columns);
means.add(x, tokens);
const seen = new Map<string, unknown>([
  [lookKey(inputOf(layer), 'mean'), means.finish()],
  [lookKey(inputOf(layer), 'moments'), momentsOf(x, columns)],
]);
const problem: ColumnProblem = {
  weight: { layer, values: w },
  units: { count: columns, size: 1 },
  coupled: [],
  seen: seenIn(seen),
  meta: { title: 'Test' },
};
const keep = columns - 64;
const options = (more: Partial<ColumnOptions>): ColumnOptions => ({
  ...{ score: 'reconstruction', compensation: 'obs', bias: false, damping: 0.01 },
  ...more,
});

/** Ŵ with zeros where columns went: [out, in]. */
function spread(values: Float32Array, kept: readonly number[]): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++)
    kept.forEach((j, i) => (out[r * columns + j] = values[r * kept.length + i]));
  return out;
}

/** ‖WXᵀ − ŴXᵀ − b‖² / ‖WXᵀ‖². */
function errorWithBias(approximated: Float32Array, bias: Float32Array): number {
  let [error, total] = [0, 0];
  for (let t = 0; t < tokens; t++)
    for (let r = 0; r < rows; r++) {
      let [difference, output] = [-bias[r], 0];
      for (let c = 0; c < columns; c++) {
        const value = x[t * columns + c];
        difference += (w[r * columns + c] - approximated[r * columns + c]) * value;
        output += w[r * columns + c] * value;
      }
      error += difference * difference;
      total += output * output;
    }
  return error / total;
}

describe('FLAP (flap_wifv_25)', () => {
  const flap = options({ score: 'fluctuation', compensation: 'mean' });
  const cut = cutColumns(problem, flap, keep);

  it('keeps the columns that the reference keeps, up to its unusual running variance', () => {
    const mask = vector('flap_wifv_25_keep');
    const shared = without(cut.kept, problem.units).filter((j) => mask[j] === 0).length;
    expect(cut.kept).toHaveLength(keep);
    expect(shared / 64).toBeGreaterThanOrEqual(0.9);
    const { rel_out_err: error } = manifest['flap_wifv_25'];
    const own = errorWithBias(spread(cut.values, cut.kept), cut.shift ?? new Float32Array(rows));
    expect(own).toBeLessThanOrEqual(1.03 * error);
  });

  it('makes of the same fluctuation the same scores, columns and bias', () => {
    const at = lookKey(inputOf(layer), 'mean');
    const reference = {
      ...{ rows: tokens, columns, values: vector('flap_wifv_25_mean') },
      variances: vector('flap_wifv_25_fluc'),
    };
    const same = { ...problem, seen: seenIn(new Map([[at, reference]])) };
    const scores = unitScores(same, flap);
    const wanted = vector('flap_wifv_25_score');
    scores.forEach((score, j) => expect(Math.abs(score / wanted[j] - 1)).toBeLessThan(2 ** -20));
    const { kept, shift, values } = cutColumns(same, flap, keep);
    const mask = vector('flap_wifv_25_keep');
    expect(kept).toEqual([...mask.keys()].filter((j) => mask[j] === 1));
    const bias = vector('flap_wifv_25_bias');
    const size = Math.max(...bias.map(Math.abs));
    expect(shift).toHaveLength(rows);
    shift?.forEach((b, r) => expect(Math.abs(b - bias[r])).toBeLessThan(64 * 2 ** -24 * size));
    // The reference multiplies with a mask, which leaves some −0.
    expect(spread(values, kept)).toEqual(vector('flap_wifv_25').map((value) => value + 0));
  });
});

it('2SSP (2ssp_neurons_25): the mean over samples of ‖h‖₂, and those who go', () => {
  const norms = Array.from({ length: 8 }, (_, sample) => {
    const accumulator = createNorms(columns);
    const size = x.length / 8;
    accumulator.add(x.subarray(sample * size, (sample + 1) * size), tokens / 8);
    return accumulator.finish().values;
  });
  const scores = meanOverSamples(norms);
  const wanted = vector('2ssp_neurons_25_score');
  scores.forEach((score, j) => expect(Math.abs(score / wanted[j] - 1)).toBeLessThan(1e-5));
  const { removed } = manifest['2ssp_neurons_25'];
  const gone = without(highest(scores, keep), problem.units);
  expect(gone).toEqual([...(removed ?? [])].sort((a, b) => a - b));
  const all = createNorms(columns);
  all.add(x, tokens);
  const whole = {
    ...problem,
    seen: seenIn(new Map([[lookKey(inputOf(layer), 'norms'), all.finish()]])),
  };
  const one = unitScores(whole, options({ score: 'activation', compensation: 'none' }));
  expect(highest(one, keep)).toEqual(highest(scores, keep));
});

describe.each([
  ['obs_columns_25', 0.01],
  ['obs_columns_25_nodamp', 0],
] as const)('structured OBS (%s)', (name, damping) => {
  const given = options({ damping });
  const order = eliminateCheapest(
    beginElimination(
      transposedWeight(problem.weight),
      rows,
      problem.units,
      factorOf(problem, given),
    ),
    keep,
  );
  const cut = cutColumns(problem, given, keep);

  it('removes the columns in the order of the reference', () => {
    expect(order).toEqual([...vector(`${name}_order`)]);
  });

  it('leaves the error of the reference', () => {
    const { rel_out_err: wanted } = manifest[name];
    const error = relativeOutputError(w, spread(cut.values, cut.kept));
    expect(Math.abs(error / wanted - 1)).toBeLessThan(0.001);
  });

  it('is least squares on the columns that stay, in whatever order the others went', () => {
    const columnsLeft = transposedWeight(problem.weight);
    const state = beginElimination(columnsLeft, rows, problem.units, factorOf(problem, given));
    eliminateChosen(
      state,
      [...order].sort((a, b) => a - b),
    );
    const same = columnsOf(cut.kept, problem.units);
    for (let r = 0; r < rows; r++)
      same.forEach((j, i) => {
        const difference = columnsLeft[j * rows + r] - cut.values[r * keep + i];
        expect(Math.abs(difference)).toBeLessThan(2 ** -22);
      });
  });
});

it('the weights of obs_columns_25 are those of the reference', () => {
  const cut = cutColumns(problem, options({}), keep);
  const [own, wanted] = [spread(cut.values, cut.kept), vector('obs_columns_25')];
  const close = own.filter((value, i) => Math.abs(value - wanted[i]) < 1e-5).length;
  expect(close / own.length).toBeGreaterThan(0.999);
});
