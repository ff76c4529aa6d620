import { describe, expect, it } from 'vitest';
import { seeded } from '../../../../../test/fixtures/methods/models.ts';
import { createHistogram } from '../../../statistics/histogram/histogram.ts';
import {
  energyOf,
  filledBins,
  gridCovering,
  roundingError,
  type CoveredRange as Range,
} from '../../../statistics/histogram/round-histogram.ts';
import { rangeOf, type RangeChoice } from './ranges.ts';

const KINDS = ['minmax', 'percentile', 'mse', 'entropy'] as const;

/** Sums of twelve uniform numbers are nearly normal; `tail` multiplies one in a thousand. */
function numbers(count: number, tail: number, shift = 0): Float32Array {
  const next = seeded(5);
  return Float32Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < 12; k++) sum += next() / 2;
    return (i % 1000 === 0 ? tail * sum : sum) + shift;
  });
}

function histogramOf(x: Float32Array) {
  const taken = createHistogram(1);
  taken.add(x, x.length);
  return taken.finish();
}

function chosen(x: Float32Array, kind: RangeChoice['kind'], percentile = 99.9): Range {
  return rangeOf(histogramOf(x), { kind, percentile });
}

/** Σ (x − x̂)² of rounding to the 256 levels over a range. */
function squaredError(x: Float32Array, range: Range): number {
  const { scale, zero } = gridCovering(range);
  return x.reduce((sum, value) => {
    const code = Math.min(255, Math.max(0, Math.round(value / scale) + zero));
    return sum + (value - scale * (code - zero)) ** 2;
  }, 0);
}

describe('ranges of inputs', () => {
  it.each(KINDS)('%s: holds zero and goes no further than the numbers do', (kind) => {
    for (const shift of [0, 9]) {
      const x = numbers(20_000, 20, shift);
      const [low, high] = chosen(x, kind);
      const bin = (2 * histogramOf(x).limit) / 2048;
      expect(low).toBeLessThanOrEqual(0);
      expect(high).toBeGreaterThanOrEqual(0);
      expect(low).toBeGreaterThanOrEqual(Math.min(0, ...x) - bin);
      expect(high).toBeLessThanOrEqual(Math.max(...x) + bin);
    }
  });

  it('with heavy tails, least squares beats the whole range and every other way', () => {
    const x = numbers(100_000, 1).map((value) => value ** 5);
    const errors = Object.fromEntries(
      KINDS.map((kind) => [kind, squaredError(x, chosen(x, kind, 99.99))]),
    );
    expect(errors['mse']).toBeLessThan(errors['minmax']);
    for (const kind of KINDS) expect(errors['mse']).toBeLessThanOrEqual(1.02 * errors[kind]);
  });

  it('least squares is the best of all pairs of a coarse grid', () => {
    const x = numbers(4000, 30);
    const [low, high] = [Math.min(...x), Math.max(...x)];
    const best = squaredError(x, chosen(x, 'mse'));
    for (let a = 1; a <= 10; a++) {
      for (let b = 1; b <= 10; b++) {
        const other = squaredError(x, [(low * a) / 10, (high * b) / 10]);
        expect(best).toBeLessThanOrEqual(1.03 * other);
      }
    }
  });

  it('a percentile cuts half of the rest at each end', () => {
    const x = numbers(50_000, 1);
    const [low, high] = chosen(x, 'percentile', 98);
    const outside = (of: (value: number) => boolean): number => x.filter(of).length / x.length;
    expect(outside((value) => value < low)).toBeCloseTo(0.01, 2);
    expect(outside((value) => value > high)).toBeCloseTo(0.01, 2);
  });

  it('entropy keeps an even distribution whole and cuts a lone outlier', () => {
    const even = Float32Array.from({ length: 4096 }, (_, i) => i / 2048 - 1 + 1 / 4096);
    expect(chosen(even, 'entropy')[1]).toBeCloseTo(1, 2);
    const lone = numbers(50_000, 1);
    lone[7] = 90;
    expect(chosen(lone, 'entropy')[1]).toBeLessThan(45);
  });

  it('is nothing where only zeros were seen, and its grid then keeps them', () => {
    for (const kind of KINDS) expect(chosen(new Float32Array(9), kind)).toEqual([0, 0]);
    expect(gridCovering([0, 0])).toEqual({ scale: 1, zero: 0 });
  });

  it('the error of a histogram is that of its numbers', () => {
    const x = numbers(50_000, 4);
    const bins = filledBins(histogramOf(x));
    for (const range of [
      [-1, 1],
      [-2.5, 3],
      [-9, 20],
    ] as const) {
      expect(roundingError(bins, range) / squaredError(x, range)).toBeCloseTo(1, 1);
    }
    const energy = x.reduce((sum, value) => sum + value * value, 0);
    expect(energyOf(bins) / energy).toBeCloseTo(1, 3);
  });
});
