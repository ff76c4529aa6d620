import { describe, expect, it } from 'vitest';
import {
  CROWDED,
  FEW,
  madeTrial,
  many,
  NOISE_ONLY,
  ONE_OUTLIER,
  ORIGINAL_PERPLEXITY,
} from '../testing/frontier-trials.ts';
import { frontierPoints, type ChartOf } from './points.ts';
import { outliers, qualityAxis, sameWithin, sizeAxis, timeAxis } from './range.ts';

const VALUE: ChartOf = { quality: { name: 'perplexity', better: 'lower' }, as: 'value' };
const CHANGE: ChartOf = { ...VALUE, as: 'change' };
const pointsOf = (trials: typeof FEW, of = CHANGE) => frontierPoints(trials, of, 'Original');

/** Trials that are so many % worse, each ± 0.1 %. */
const worse = (...all: number[]) =>
  all.map((percent, at) => {
    const [loss, error] = [percent, 0.1].map((part) => (part * ORIGINAL_PERPLEXITY) / 100);
    return madeTrial({ name: `${percent}`, bytes: 1000 - at, worse: loss, error }, at);
  });

describe('outliers', () => {
  const names = (trials: typeof FEW, of = CHANGE): string[] => {
    const points = pointsOf(trials, of);
    const far = outliers(points, of);
    return points.filter(({ id }) => far.has(id)).map(({ label }) => label);
  };

  it('are the few that would flatten all others', () => {
    expect(names(ONE_OUTLIER)).toEqual(['q2']);
    expect(names(CROWDED)).toEqual(['q2']);
    expect(names(CROWDED, VALUE)).toEqual(['q2']);
    expect(names(worse(0.1, 8, 900))).toEqual(['900']);
  });

  it('are not a drop that one should see, nor one trial alone, nor more than half', () => {
    expect(names(FEW)).toEqual([]);
    expect(names(worse(0.1, 12))).toEqual([]);
    expect(names(worse(900))).toEqual([]);
    expect(names(worse(1, 900, 901))).toEqual([]);
    expect(names([])).toEqual([]);
  });
});

describe('the quality axis', () => {
  it('spans at least two hundredths of the original, and ten of the best standard errors', () => {
    const { range, transform } = qualityAxis(pointsOf(NOISE_ONLY), CHANGE, 'usual');
    expect(transform.kind).toBe('linear');
    expect(range[1] - range[0]).toBeGreaterThan(2);
    const noisy = worse(1).map((one) => {
      const trial = structuredClone(one);
      Object.assign(trial.report?.evaluation?.difference.perplexity ?? {}, {
        standardError: 0.03 * ORIGINAL_PERPLEXITY,
      });
      return trial;
    });
    const wide = qualityAxis(pointsOf(noisy), CHANGE, 'usual').range;
    expect(wide[1] - wide[0]).toBeGreaterThan(2 * 5 * 3);
  });

  it('leaves outliers out, unless all are asked for', () => {
    const points = pointsOf(ONE_OUTLIER);
    const top = (base: 'usual' | 'all'): number => {
      const { transform, range } = qualityAxis(points, CHANGE, base);
      return transform.value(range[1]);
    };
    expect(top('usual')).toBeLessThan(15);
    expect(top('all')).toBeGreaterThan(1677);
  });

  it('holds the frontier alone where that is asked for', () => {
    const points = pointsOf(FEW);
    const [, high] = qualityAxis(points, CHANGE, 'frontier').range;
    expect(high).toBeLessThan(10);
    expect(qualityAxis(points, CHANGE, 'usual').range[1]).toBeGreaterThan(10.9);
  });

  it('is logarithmic where losses are spread over decades', () => {
    expect(qualityAxis(pointsOf(many(200)), CHANGE, 'usual').transform.kind).toBe('symlog');
    const kl: ChartOf = { quality: { name: 'kl', better: 'lower', ofOriginal: 0 }, as: 'value' };
    const { transform, range } = qualityAxis(pointsOf(FEW, kl), kl, 'usual');
    expect(transform.kind).toBe('log');
    expect(transform.place(0)).toBeGreaterThan(range[0]);
  });

  it('has a range without any point', () => {
    expect(qualityAxis([], VALUE, 'usual').range).toEqual([-0.06, 1.06]);
  });
});

describe('the lower axis', () => {
  it('shows files of 2.5 times the size of others at least', () => {
    const { range, transform } = sizeAxis([1000]);
    const [low, high] = range.map(transform.value);
    expect(high / low).toBeGreaterThan(2.5);
    expect(sizeAxis([]).range[1]).toBeGreaterThan(0);
  });

  it('never draws a few hundredths of the time large', () => {
    const { range } = timeAxis([1, 1.01]);
    expect(range[1] - range[0]).toBeGreaterThan(0.2);
  });
});

describe('the band of what is the same', () => {
  it('holds all that are within two standard errors, and none that is not', () => {
    const points = pointsOf(ONE_OUTLIER);
    const within = sameWithin(points) ?? NaN;
    const off = (name: string): number =>
      Math.abs(points.find(({ label }) => label === name)?.y ?? NaN);
    expect(off('small-and-safe')).toBeLessThanOrEqual(within);
    expect(off('fp16')).toBeLessThanOrEqual(within);
    expect(off('tiny')).toBeGreaterThan(within);
  });

  it('ends before the nearest trial that differs', () => {
    const within = sameWithin(pointsOf(worse(0.15, 0.21))) ?? NaN;
    expect(within).toBeGreaterThanOrEqual(0.15);
    expect(within).toBeLessThan(0.21);
  });

  it('is as wide as the nearest trial allows where all differ, and absent where nothing is paired', () => {
    expect(sameWithin(pointsOf(worse(5, 9)))).toBeCloseTo(0.2, 9);
    expect(sameWithin([])).toBeUndefined();
  });
});
