import { describe, expect, it } from 'vitest';
import type { Interim } from '../../../workers/protocol.ts';
import { FEW, ORIGINAL_BYTES, ORIGINAL_PERPLEXITY, TIMED } from '../testing/frontier-trials.ts';
import { frontierData, type Chosen } from './data.ts';
import { frontierCsv } from './frontier-csv.ts';

const summary = (name: string) => ({ evaluation: { name, bytes: 1, summary: '' } });
const VIEW = { task: 'language-model' as const, bytes: ORIGINAL_BYTES, data: {} };
const WORDS = {
  original: 'Original',
  measuring: (done: number, of: number) => `measuring, ${done} of ${of}`,
};
const metric = (value: number, standardError: number) => ({ value, standardError, n: 8 });
const INTERIM: Interim = {
  ...{ bytes: 272_303, done: 8, of: 60 },
  original: { perplexity: metric(3, 0.2) },
  compressed: { perplexity: metric(3.3, 0.23), kl: metric(0.08, 0.02) },
  difference: { perplexity: metric(0.3, 0.06) },
};

function dataOf(trials = FEW, chosen: Partial<Chosen> = {}, interim?: Interim, view = VIEW) {
  const data = frontierData(trials, view, { across: 'size', ...chosen }, interim, WORDS);
  if (data === undefined) throw new Error('nothing to draw');
  return data;
}

describe('what the chart is of', () => {
  it('is the change to the original once there is a trial, the value where that is asked for', () => {
    expect(dataOf([]).of.as).toBe('value');
    expect(dataOf().of.as).toBe('change');
    expect(dataOf(FEW, { as: 'value' }).of.as).toBe('value');
  });

  it('has no change of metrics that compare with the original already', () => {
    const { canChange, of } = dataOf(FEW, { quality: 'kl', as: 'change' });
    expect([canChange, of.as]).toEqual([false, 'value']);
  });

  it('offers time only where it was measured, and says who is left out', () => {
    expect(dataOf(FEW, { across: 'time' }).of.setup).toBeUndefined();
    const some = [...TIMED.slice(0, 3), { ...FEW[0], id: 'untimed' }];
    const { of, points, untimed } = dataOf(some, { across: 'time' });
    expect(of.setup).toEqual({ device: 'wasm', tokens: 512, shipped: false });
    expect(untimed).toBe(1);
    expect(points.map(({ x }) => Number(x.toFixed(3)))).toEqual([1, 1.096, 0.803, 0.973]);
  });

  it('counts a time that differs by chance as the original’s, where it is still drawn as measured', () => {
    const { points } = dataOf(TIMED, { across: 'time' });
    const four = points.find(({ label }) => label === 'q4');
    expect(four).toMatchObject({ rank: 1, onFrontier: false, time: { same: true } });
    expect(four?.x).toBeCloseTo(183 / 188, 9);
    const tiny = points.find(({ label }) => label === 'tiny');
    expect(tiny).toMatchObject({ onFrontier: true, time: { same: false } });
    expect(tiny?.rank).toBe(tiny?.x);
  });

  it('ranks by time where time is across', () => {
    const best = dataOf(TIMED, { across: 'time' }).points.filter(({ onFrontier }) => onFrontier);
    expect(best.map(({ label }) => label)).toEqual(['Original', 'tiny']);
  });
});

describe('a trial that is being measured', () => {
  it('is drawn as far from the original as it is on the same documents', () => {
    const point = dataOf(FEW, {}, INTERIM).points.at(-1);
    expect(point).toMatchObject({ id: 'interim', label: 'measuring, 8 of 60', onFrontier: false });
    expect(point?.y).toBeCloseTo(10, 9);
    expect(point?.bar).toBeCloseTo(2, 9);
    const value = dataOf(FEW, { as: 'value' }, INTERIM).points.at(-1);
    expect(value?.y).toBeCloseTo(ORIGINAL_PERPLEXITY + 0.3, 9);
  });

  it('brings the original with it while there is no trial', () => {
    const { points, qualities } = dataOf([], {}, INTERIM);
    expect(points.map(({ kind, y }) => [kind, Math.round(y)])).toEqual([
      ['original', 0],
      ['interim', 10],
    ]);
    expect(qualities.map(({ name }) => name)).toEqual(['perplexity', 'kl']);
  });

  it('is not drawn beside trials of other data, nor when all is measured', () => {
    const kinds = (interim: Interim, evaluation: string): string[] =>
      dataOf(FEW, {}, interim, { ...VIEW, data: summary(evaluation) }).points.map(
        ({ kind }) => kind,
      );
    expect(kinds(INTERIM, 'evaluation.txt')).toContain('interim');
    expect(kinds(INTERIM, 'other.txt')).not.toContain('interim');
    expect(kinds({ ...INTERIM, done: 60 }, 'evaluation.txt')).not.toContain('interim');
  });

  it('is no line of the table of finished ones', () => {
    expect(frontierCsv(dataOf(FEW, {}, INTERIM))).toBe(frontierCsv(dataOf()));
    const [head, original, safe] = frontierCsv(dataOf()).split('\r\n');
    expect(head).toBe(
      'trial,bytes,perplexity,standardError,n,difference,differenceStandardError,milliseconds,originalMilliseconds,onFrontier,measuredBy',
    );
    expect(original).toBe('original,1243495,3.573,0.081,60,,,,,true,');
    expect(safe).toMatch(/^small-and-safe,358839,3\.5752,[\d.]+,60,0\.0022,0\.0016,,,true,here$/);
  });
});
