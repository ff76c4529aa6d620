import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/seeded.ts';
import { accuracy, proportion } from './accuracy.ts';
import { agreement, flippedExamples } from './agreement.ts';
import { cosineSimilarity, meanCosine } from './cosine.ts';
import { deltaP, deltaPRms } from './delta-p.ts';
import { meanByWindow, toMetric } from './estimate.ts';
import { klMetrics } from './kl.ts';
import { pairedDifference } from './paired-difference.ts';
import { perplexity } from './perplexity.ts';
import { quantileByWindow } from './quantile.ts';
import { relativeError, sqnr, squaredError } from './relative-error.ts';
import { sameTop1 } from './same-top1.ts';

describe('perplexity', () => {
  it('is exp of the mean over positions, not over windows', () => {
    const { value, n } = perplexity([Math.log(2), Math.log(2), Math.log(16)], [2, 1]);
    expect(value).toBeCloseTo(4, 12);
    expect(n).toBe(3);
  });

  it('has the error of the ratio estimator, times the perplexity', () => {
    // Windows of 1 and 1 with nll 0 and 2: mean 1, influences ∓1/2, SE² = 2·(1/4+1/4) = 1.
    expect(toMetric(perplexity([0, 2], [1, 1]))).toEqual({
      value: Math.E,
      standardError: Math.E,
      n: 2,
    });
  });

  it('takes positions as independent when there is a single window', () => {
    const one = toMetric(meanByWindow([1, 2, 3, 6], [4]));
    const variance = (4 + 1 + 0 + 9) / 3;
    expect(one.value).toBe(3);
    expect(one.standardError).toBeCloseTo(Math.sqrt(variance / 4), 12);
  });
});

describe('KL', () => {
  it('gives the mean and the quantiles of the definition', () => {
    const kl = Float64Array.from({ length: 1000 }, (_, i) => (999 - i) / 1000);
    const metrics = klMetrics(kl, new Array<number>(10).fill(100));
    expect(metrics.kl?.value).toBeCloseTo(0.4995, 12);
    expect(metrics.klMedian?.value).toBe(0.499);
    expect(metrics.kl99?.value).toBe(0.989);
    expect(metrics.kl999?.value).toBe(0.998);
    expect(metrics.kl99?.n).toBe(1000);
  });

  it('repeats its bootstrap for the same seed', () => {
    const random = seededRandom(1);
    const kl = Float64Array.from({ length: 400 }, () => random.next());
    const windows = new Array<number>(20).fill(20);
    expect(klMetrics(kl, windows, 5)).toEqual(klMetrics(kl, windows, 5));
    expect(klMetrics(kl, windows, 5)).not.toEqual(klMetrics(kl, windows, 6));
  });

  it('takes quantiles of windows of unequal length', () => {
    const [median] = quantileByWindow(Float64Array.of(3, 1, 2), [1, 2], [0.5], seededRandom(0));
    expect(median.value).toBe(2);
  });
});

describe('shares and changes', () => {
  it('counts equal first tokens by position', () => {
    expect(sameTop1([1, 0, 1, 1], [3, 1]).value).toBe(0.75);
  });

  it('gives mean and root mean square of Δp', () => {
    expect(deltaP([0.3, -0.1], [1, 1]).value).toBeCloseTo(0.1, 12);
    expect(deltaPRms([0.3, -0.4], [1, 1]).value).toBeCloseTo(Math.sqrt(0.125), 12);
    expect(toMetric(deltaPRms([0, 0], [1, 1]))).toEqual({ value: 0, standardError: 0, n: 2 });
  });

  it('never calls a perfect score on a few examples certain', () => {
    expect(accuracy([1, 1, 1])).toEqual({ value: 1, standardError: 1 / 6 / (4 / 3), n: 3 });
  });

  it('lists the examples whose class changed', () => {
    expect(agreement([0, 1, 2, 3], [0, 1, 1, 3])).toMatchObject({ value: 0.75, n: 4 });
    expect(flippedExamples([0, 1, 2, 3], [0, 1, 1, 0])).toEqual([2, 3]);
  });
});

describe('distances of outputs', () => {
  it('cosine is 1 along, 0 across, −1 against', () => {
    expect(cosineSimilarity([1, 2], [2, 4])).toBeCloseTo(1, 12);
    expect(cosineSimilarity([1, 0], [0, 3])).toBe(0);
    expect(cosineSimilarity([1, 2], [-1, -2])).toBeCloseTo(-1, 12);
    expect(cosineSimilarity([0, 0], [0, 0])).toBe(1);
    expect(cosineSimilarity([0, 0], [0, 1])).toBe(0);
    expect(meanCosine([1, 0]).value).toBe(0.5);
  });

  it('relative error and SQNR say the same in two units', () => {
    const { error, signal } = squaredError([3, 4], [3, 4.5]);
    expect([error, signal]).toEqual([0.25, 25]);
    expect(relativeError([error], [signal]).value).toBeCloseTo(0.1, 12);
    expect(sqnr([error], [signal]).value).toBeCloseTo(20, 12);
    expect(sqnr([0], [1]).value).toBe(Infinity);
    expect(relativeError([0, 0], [1, 1])).toMatchObject({ value: 0 });
  });
});

describe('pairedDifference', () => {
  it('cancels what both models find hard', () => {
    const a = meanByWindow([1, 5, 3], [1, 1, 1]);
    const b = meanByWindow([1.5, 5.5, 3.5], [1, 1, 1]);
    const { value, standardError, n } = pairedDifference(a, b);
    expect(value).toBeCloseTo(0.5, 12);
    expect(standardError).toBeLessThan(1e-12);
    expect(n).toBe(3);
    expect(pairedDifference(proportion([1, 0]), proportion([1, 1])).value).toBe(0.5);
  });

  it('refuses measurements on different windows', () => {
    expect(() => pairedDifference(proportion([1, 0]), proportion([1, 1, 0]))).toThrow(
      'Two measurements over 2 and 3 windows cannot be compared pairwise; measure both models on the same data.',
    );
  });
});
