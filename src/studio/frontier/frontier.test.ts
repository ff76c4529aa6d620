import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Metric } from '../../core/metrics/types.ts';
import { paretoFrontier } from '../../core/search/pareto.ts';
import type { Trial } from '../../../workers/protocol.ts';
import { comparableTrials, frontierPoints, staircase, type ChartOf } from './points.ts';
import { qualitiesFor } from './quality.ts';

const candidate = fc.record({
  bytes: fc.integer({ min: 1, max: 50 }),
  value: fc.integer({ min: 0, max: 50 }),
});

describe('paretoFrontier', () => {
  it('keeps exactly what no other candidate beats, whichever way is better', () => {
    fc.assert(
      fc.property(fc.array(candidate), fc.constantFrom('lower', 'higher'), (all, better) => {
        const sign = better === 'lower' ? 1 : -1;
        const beaten = (c: { bytes: number; value: number }): boolean =>
          all.some(
            (o) =>
              o.bytes <= c.bytes &&
              sign * o.value <= sign * c.value &&
              (o.bytes < c.bytes || sign * o.value < sign * c.value),
          );
        const key = (c: { bytes: number; value: number }): string => `${c.bytes} ${c.value}`;
        const expected = new Set(all.filter((c) => !beaten(c)).map(key));
        const found = paretoFrontier(all, better as 'lower').map(key);
        expect(new Set(found)).toEqual(expected);
        expect(found.length).toBe(expected.size);
      }),
    );
  });

  it('leaves out what was not measured', () => {
    expect(paretoFrontier([{ bytes: 1, value: NaN }], 'lower')).toEqual([]);
  });
});

describe('staircase', () => {
  it('draws the frontier level up to the next larger file', () => {
    const steps = staircase([
      { rank: 4, y: 1 },
      { rank: 2, y: 3 },
    ]);
    expect(steps).toEqual([
      { x: 2, y: 3 },
      { x: 4, y: 3 },
      { x: 4, y: 1 },
    ]);
  });
});

describe('qualitiesFor', () => {
  it('offers what the task asks for first, and only what was measured once something was', () => {
    const metric = { value: 1, standardError: 0, n: 1 };
    expect(qualitiesFor('language-model', []).map(({ name }) => name)).toEqual([
      'perplexity',
      'kl',
      'sameTop1',
    ]);
    const measured = [{ agreement: metric, accuracy: metric, deltaP: metric }];
    expect(qualitiesFor('classifier', measured).map(({ name }) => name)).toEqual([
      'accuracy',
      'agreement',
    ]);
  });
});

describe('frontierPoints', () => {
  const perplexity = { name: 'perplexity', better: 'lower' } as const;
  const lower: ChartOf = { quality: perplexity, as: 'value' };
  const metric = (value: number, standardError: number) => ({ value, standardError, n: 60 });
  const ORIGINAL = { bytes: 1000, perplexity: metric(3.5, 0.06) };

  /** A finished trial with what the chart looks at. */
  function trial(id: string, bytes: number, perplexity: Metric, difference?: Metric): Trial {
    const recipe = { version: 1 as const, seed: 0, steps: [] };
    const size = { parameters: 100, bitsPerWeight: 32 };
    return {
      ...{ id, name: id, recipe, createdAt: bytes, state: 'done' },
      model: { name: 'stories', sha256: 'm' },
      report: {
        ...{ version: 1, tool: 'lathe', inputSha256: 'm', outputSha256: id, recipe },
        ...{ forecastBytes: bytes, verified: true, scores: 'quality', layers: [], latency: {} },
        before: { ...size, bytes: ORIGINAL.bytes },
        after: { ...size, bytes },
        coverage: { compressedBytes: 0, totalBytes: 0, skipped: [] },
        evaluation: {
          ...{ data: 'evaluation.txt', sha256: 'e', protocol: '' },
          original: { perplexity: ORIGINAL.perplexity },
          compressed: { perplexity, kl: metric(0.1, 0.004) },
          difference: difference ? { perplexity: difference } : {},
        },
      },
    };
  }

  const trials = () => [
    trial('small', 200, metric(4.5, 0.08), metric(1, 0.03)),
    trial('middle', 400, metric(3.75, 0.07), metric(0.25, 0.02)),
    trial('dominated', 500, metric(4, 0.07), metric(0.5, 0.02)),
  ];

  it('has the original first, bars of the paired difference, and says who is beaten', () => {
    const points = frontierPoints(trials(), lower, 'Original');
    expect(points.map(({ kind }) => kind)).toEqual(['original', 'trial', 'trial', 'trial']);
    expect(points[0]).toMatchObject({ bytes: 1000, value: 3.5, standardError: 0.06, bar: 0 });
    expect(points[1]).toMatchObject({ label: 'small', bytes: 200, value: 4.5, bar: 0.03 });
    expect(points.map(({ onFrontier }) => onFrontier)).toEqual([true, true, true, false]);
  });

  it('draws a value’s own bar where no difference was paired', () => {
    const [original, point] = frontierPoints([trial('one', 5, metric(4, 0.07))], lower, 'Original');
    expect([original.bar, point.bar]).toEqual([0.06, 0.07]);
  });

  it('draws changes in % of the original, the original at zero', () => {
    const points = frontierPoints(trials(), { ...lower, as: 'change' }, 'Original');
    expect(points.map(({ y }) => Number(y.toFixed(6)))).toEqual([
      ...[0, 28.571429, 7.142857, 14.285714],
    ]);
    expect(points[1].bar).toBeCloseTo((100 * 0.03) / 3.5, 12);
    expect(points.map(({ onFrontier }) => onFrontier)).toEqual([true, true, true, false]);
  });

  it('draws changes of a proportion in points of a hundred', () => {
    const accuracy = { name: 'accuracy', better: 'higher' } as const;
    const shares = trials().map((one) => {
      const share = structuredClone(one);
      Object.assign(share.report?.evaluation ?? {}, {
        ...{ original: { accuracy: metric(0.97, 0.01) } },
        ...{ compressed: { accuracy: metric(0.965, 0.01) } },
        difference: { accuracy: metric(-0.005, 0.001) },
      });
      return share;
    });
    const [, point] = frontierPoints(shares, { quality: accuracy, as: 'change' }, 'Original');
    expect(point.y).toBeCloseTo(-0.5, 12);
    expect(point.bar).toBeCloseTo(0.1, 12);
  });

  it('knows what the original scores by definition', () => {
    const kl = { name: 'kl', better: 'lower', ofOriginal: 0 } as const;
    const points = frontierPoints(trials(), { quality: kl, as: 'value' }, 'Original');
    expect(points[0]).toMatchObject({ value: 0, n: 0 });
    expect(points[1].bar).toBe(points[1].standardError);
  });

  it('leaves out unfinished trials and those measured on other data', () => {
    const [first, second] = trials();
    expect(comparableTrials([{ ...first, state: 'cancelled' }, second])).toEqual([second]);
    const other = structuredClone(first);
    Object.assign(other.report?.evaluation ?? {}, { sha256: 'other' });
    expect(comparableTrials([{ ...other, createdAt: 0 }, second])).toEqual([second]);
  });
});
