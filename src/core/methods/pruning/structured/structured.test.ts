import { describe, expect, it } from 'vitest';
import {
  columnProblem,
  cutError,
  projection,
} from '../../../../../test/fixtures/methods/columns.ts';
import { randomFloats } from '../../../../../test/fixtures/methods/models.ts';
import { activations } from '../../../../../test/fixtures/methods/statistics.ts';
import { nothingSeen } from '../../../statistics/seen.ts';
import { inverseFactor } from './gram.ts';
import { shiftsBias, takesOf } from './looks.ts';
import { beginElimination, unitErrors } from './obs.ts';
import { COLUMN_SCORES, COMPENSATIONS, type ColumnOptions } from './options.ts';
import { factorOf, transposedWeight } from './problem.ts';
import { cutColumns } from './refit.ts';
import { unitScores } from './scores.ts';
import { highest, type Units } from './units.ts';

const OUT = 10;
const neurons: Units = { count: 24, size: 1 };
const heads: Units = { count: 8, size: 3 };
const KINDS = [
  ['neurons', neurons],
  ['heads of three columns', heads],
  ['heads in two strata', { ...heads, strata: 2 }],
] as const;

/** Correlated rows whose columns have means of their own. */
const x = activations(200, 24, 5).map((value, i) => value + Math.sin(i % 24));
const gradient = {
  ...{ columns: 24, count: 5 },
  taylor: Float64Array.from({ length: 24 }, (_, j) => j % 7),
  fisher: Float64Array.from({ length: 24 }, (_, j) => (j % 5) ** 2),
  squares: new Float64Array(24),
};
const problemOf = (units: Units, rows = x) => columnProblem(rows, units, OUT, gradient);
const options = (more: Partial<ColumnOptions> = {}): ColumnOptions => ({
  ...{ score: 'fluctuation', compensation: 'none', bias: true, damping: 0.01 },
  ...more,
});

describe.each(KINDS)('%s', (_, units) => {
  const problem = problemOf(units);
  const errorOf = (more: Partial<ColumnOptions>) =>
    cutError(problem, cutColumns(problem, options(more), units.count / 2), x);

  it.each(COLUMN_SCORES)('compensation lowers the output error, chosen by %s', (score) => {
    const none = errorOf({ score });
    const mean = errorOf({ score, compensation: 'mean' });
    const plain = errorOf({ score, compensation: 'least-squares', bias: false, damping: 0 });
    const refitted = errorOf({ score, compensation: 'least-squares', damping: 0 });
    expect(mean).toBeLessThan(none);
    expect(plain).toBeLessThan(0.9 * none);
    expect(refitted).toBeLessThan(0.9 * mean);
    expect(refitted).toBeLessThan(plain);
  });

  it('structured OBS leaves less than least squares after any one-shot score', () => {
    const obs = errorOf({ compensation: 'obs', damping: 0 });
    for (const score of COLUMN_SCORES)
      expect(obs).toBeLessThanOrEqual(
        errorOf({ score, compensation: 'least-squares', damping: 0 }) * (1 + 2 ** -20),
      );
  });

  it('no change of the weights that stay makes the refitted error smaller', () => {
    const given = options({ compensation: 'least-squares', bias: false, damping: 0 });
    const cut = cutColumns(problem, given, units.count / 2);
    const error = cutError(problem, cut, x);
    for (const seed of [1, 2, 3]) {
      const away = randomFloats(cut.values.length, seed);
      const values = cut.values.map((value, i) => value + 1e-3 * away[i]);
      expect(cutError(problem, { ...cut, values }, x)).toBeGreaterThan(error);
    }
  });

  it('"reconstruction" is the error that is left when a unit goes and the others make up for it', () => {
    const given = options({ score: 'reconstruction', bias: false, damping: 0 });
    const scores = unitScores(problem, given);
    const total = squaredOutputs(problem.weight.values, x);
    const state = () =>
      beginElimination(
        transposedWeight(problem.weight),
        OUT,
        { ...units, strata: 1 },
        factorOf(problem, given),
      );
    expect([...unitErrors(state())]).toEqual([...scores]);
    const one = { ...problem, units: { ...units, strata: 1 } };
    const cheapest = cutColumns(one, { ...given, compensation: 'obs' }, units.count - 1);
    const error = cutError(one, cheapest, x) * total;
    expect(Math.abs(Math.min(...scores) / error - 1)).toBeLessThan(1e-4);
  });

  it('keeps whole units, and everything where nothing goes', () => {
    const cut = cutColumns(problem, options({ compensation: 'obs' }), units.count);
    expect(cut.kept).toEqual(Array.from({ length: units.count }, (__, u) => u));
    expect(cut.values).toEqual(problem.weight.values);
    expect(cut.shift?.every((b) => Math.abs(b) < 1e-5)).toBe(true);
  });
});

function squaredOutputs(w: Float32Array, rows: Float32Array): number {
  let total = 0;
  for (let start = 0; start < rows.length; start += 24)
    for (let r = 0; r < OUT; r++) {
      let y = 0;
      for (let j = 0; j < 24; j++) y += w[r * 24 + j] * rows[start + j];
      total += y * y;
    }
  return total;
}

it.each(['none', 'obs'] as const)('takes equally many of each stratum (%s)', (compensation) => {
  const problem = problemOf({ ...heads, strata: 4 });
  const { kept } = cutColumns(problem, options({ compensation }), 4);
  expect(kept.map((head) => Math.floor(head / 2))).toEqual([0, 1, 2, 3]);
});

it('keeps the first of equal scores', () => {
  expect(highest([1, 2, 1, 2, 1], 3)).toEqual([0, 1, 3]);
});

describe('scores', () => {
  const scores = (score: ColumnOptions['score'], rows = x) =>
    unitScores(problemOf(neurons, rows), options({ score }));

  it.each(['activation', 'fluctuation', 'reconstruction'] as const)(
    '%s follows the calibration data',
    (score) => {
      const loud = x.map((value, i) => (i % 24 === 5 ? 30 * value : value));
      const [before, after] = [scores(score), scores(score, loud)];
      expect(after[5]).toBeGreaterThan(2 * before[5]);
    },
  );

  it('the ones of gradients are what was summed', () => {
    expect([...scores('taylor')]).toEqual([...gradient.taylor]);
    const byHead = unitScores(problemOf(heads), options({ score: 'fisher' }));
    expect(byHead[1]).toBe(gradient.fisher[3] + gradient.fisher[4] + gradient.fisher[5]);
  });

  it('a fluctuation that is none scores nothing, however loud', () => {
    const flat = x.map((value, i) => (i % 24 === 5 ? 100 : value));
    expect(scores('fluctuation', flat)[5]).toBe(0);
    expect(scores('activation', flat)[5]).toBeCloseTo(100 * Math.sqrt(200), 3);
  });

  it('the magnitude is that of all weights a unit goes with', () => {
    const problem = problemOf(heads);
    const values = randomFloats(6 * 20, 3);
    const up = { layer: projection(20, 6), values };
    // Head 1 are the rows 3, 7, 11 …: labels repeat where a weight makes several values of each unit.
    const unitOf = Int32Array.from({ length: 20 }, (_, row) => (row % 4 === 3 ? 1 : -1));
    const coupled = [{ weight: up, unitOf }];
    const both = unitScores({ ...problem, coupled }, options({ score: 'magnitude' }));
    const alone = unitScores(problem, options({ score: 'magnitude' }));
    const rows = values.filter((_, i) => Math.floor(i / 6) % 4 === 3);
    const squares = rows.reduce((sum, value) => sum + value * value, 0);
    expect(both[1]).toBeCloseTo(Math.sqrt(alone[1] ** 2 + squares), 12);
  });
});

describe('looks', () => {
  it.each([
    ['magnitude', 'none', []],
    ['activation', 'none', ['norms']],
    ['fluctuation', 'mean', ['mean']],
    ['taylor', 'mean', ['gradient', 'mean']],
    ['magnitude', 'least-squares', ['moments', 'mean']],
    ['fisher', 'obs', ['moments', 'mean']],
    ['reconstruction', 'none', ['moments']],
  ] as const)('%s and %s look at %j', (score, compensation, takes) => {
    expect(takesOf(options({ score, compensation }))).toEqual(takes);
  });

  it('nothing is added to a bias without compensation, or when told so', () => {
    const shifting = COMPENSATIONS.map((compensation) => shiftsBias(options({ compensation })));
    expect(shifting).toEqual([false, true, true, true]);
    const told = (compensation: ColumnOptions['compensation']) =>
      shiftsBias(options({ compensation, bias: false }));
    expect(COMPENSATIONS.map(told)).toEqual([false, true, false, false]);
  });
});

describe('bad input', () => {
  it('damping grows where the data leaves directions unseen', () => {
    const few = problemOf(neurons, x.subarray(0, 5 * 24));
    const { damping } = factorOf(few, options({ compensation: 'obs', damping: 0 }));
    expect(damping).toBeGreaterThan(0);
    const cut = cutColumns(few, options({ compensation: 'obs', damping: 0 }), 12);
    expect(cut.values.every(Number.isFinite)).toBe(true);
  });

  it('where nothing was heard, structured OBS keeps the largest weights', () => {
    const silent = problemOf(neurons, new Float32Array(10 * 24));
    const given = options({ compensation: 'obs' });
    const magnitudes = unitScores(silent, options({ score: 'magnitude' }));
    expect(cutColumns(silent, given, 12).kept).toEqual(highest(magnitudes, 12));
  });

  it('moments that are no numbers cannot be inverted, and say so', () => {
    const moments = { rows: 1, columns: 2, values: Float32Array.of(1, 0, 0, NaN) };
    expect(() => inverseFactor(moments, 0.01)).toThrow(
      'The second moments of 2 columns could not be inverted, even with 10 times their mean diagonal added to it; check the calibration data, or choose a compensation that inverts nothing.',
    );
  });

  it('needs to have looked', () => {
    const blind = { ...problemOf(neurons), seen: nothingSeen };
    expect(() => cutColumns(blind, options(), 12)).toThrow(
      'Test needs calibration data to know what "down" is fed with, and none was given; add calibration data or choose a method that needs none.',
    );
  });
});
