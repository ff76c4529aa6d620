import { describe, expect, it } from 'vitest';
import { spectrumFacts } from './spectrum-facts.ts';

const layer = 'w';

describe('what a spectrum comes to', () => {
  it('counts ranks by squares', () => {
    const before = Float64Array.of(3, 1, 0.3, 0.1);
    const { ninety, ninetyNine, rankAfter } = spectrumFacts({ layer, rows: 8, columns: 4, before });
    expect([ninety, ninetyNine, rankAfter]).toEqual([2, 2, undefined]);
  });

  it('says the last rank at which two factors are smaller', () => {
    const of = (rows: number, columns: number) =>
      spectrumFacts({ layer, rows, columns, before: Float64Array.of(1) }).breakEven;
    expect(of(172, 64)).toBe(46);
    // 32·(64 + 64) is exactly 64·64: not smaller.
    expect(of(64, 64)).toBe(31);
  });

  it('sees where a low-rank form ends, and leaves rounding out', () => {
    const [rows, columns] = [4, 4];
    const before = Float64Array.of(4, 3, 2, 1);
    const after = Float64Array.of(4, 3, 1e-9, 0);
    expect(spectrumFacts({ layer, rows, columns, before, after }).rankAfter).toBe(2);
    expect(
      spectrumFacts({ layer, rows, columns, before, after: before }).rankAfter,
    ).toBeUndefined();
  });
});
