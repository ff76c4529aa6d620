import { describe, expect, it } from 'vitest';
import { drawMask, drawMasks } from './draw-mask.ts';

const COUNT = 200_000;

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Pearson's r of two masks. */
function correlation(a: Uint8Array, b: Uint8Array): number {
  const [p, q] = [mean(a), mean(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - p) * (b[i] - q);
  return sum / a.length / Math.sqrt(p * (1 - p) * q * (1 - q));
}

describe.each([0.05, 0.5, 0.9])('a mask that keeps %f', (keep) => {
  const mask = drawMask(COUNT, keep, 1, 'dropout 0 0');

  it('leaves the mean of what it masks where it was: E[m/(1 − p)] = 1', () => {
    expect(mask.every((bit) => bit === 0 || bit === 1)).toBe(true);
    const standardError = Math.sqrt((1 - keep) / keep / COUNT);
    expect(Math.abs(mean(mask) / keep - 1)).toBeLessThan(4 * standardError);
  });

  it('has nothing to do with itself shifted, nor with its neighbours', () => {
    const standardError = 1 / Math.sqrt(COUNT);
    for (const shift of [1, 2, 3, 4, 64]) {
      const r = correlation(mask.subarray(shift), mask.subarray(0, COUNT - shift));
      expect(Math.abs(r)).toBeLessThan(4 * standardError);
    }
    for (const label of ['dropout 0 1', 'dropout 1 0', 'dropout 1 1']) {
      const r = correlation(mask, drawMask(COUNT, keep, 1, label));
      expect(Math.abs(r)).toBeLessThan(4 * standardError);
    }
  });
});

describe('the masks of a batch', () => {
  const masks = [
    { name: 'train.dropout/0', dims: [3, 7], keep: 0.9 },
    { name: 'train.dropout/1', dims: [3, 7], keep: 0.9 },
  ];

  it('are decided by seed, batch and position alone', () => {
    const drawn = drawMasks(masks, 5, 11);
    expect(Object.keys(drawn)).toEqual(masks.map(({ name }) => name));
    expect(drawn['train.dropout/0'].dims).toEqual([3, 7]);
    expect(drawn['train.dropout/0'].data).toHaveLength(21);
    expect(drawMasks(masks, 5, 11)).toEqual(drawn);
    const others = [drawMasks(masks, 6, 11), drawMasks(masks, 5, 12)];
    const all = [drawn, ...others].flatMap((each) =>
      Object.values(each).map(({ data }) => Array.from(data, Number).join('')),
    );
    expect(new Set(all).size).toBe(6);
  });
});
