import { describe, expect, it } from 'vitest';
import { groupOf } from './sparsity-pattern.ts';

const crop = (from: number, columns: number) => ({
  rows: { from: 0, end: 8 },
  columns: { from, end: from + columns },
});

/** Eight rows of which each shows columns `from` to `from + columns`; kept where `keeps` says so. */
function values(from: number, columns: number, keeps: (column: number, row: number) => boolean) {
  return Float32Array.from({ length: 8 * columns }, (_, at) =>
    keeps(from + (at % columns), Math.floor(at / columns)) ? 1 : 0,
  );
}

describe('groups of a pattern', () => {
  it('are found by what stays in each, wherever the picture begins', () => {
    const exactly = (column: number, row: number) => ((column % 4) + row) % 4 < 2;
    for (const from of [0, 3, 5]) {
      expect(groupOf(values(from, 30, exactly), crop(from, 30))).toEqual({ stay: 2, of: 4 });
    }
  });

  it('are not seen where they are uneven, or too few to be no chance', () => {
    const uneven = (column: number, row: number) => (column * 7 + row * 3) % 5 < 2;
    expect(groupOf(values(0, 32, uneven), crop(0, 32))).toBeUndefined();
    const few = { rows: { from: 0, end: 1 }, columns: { from: 0, end: 8 } };
    expect(groupOf(new Float32Array([1, 0, 0, 1, 0, 1, 1, 0]), few)).toBeUndefined();
  });

  it('are the smallest that fit: every other weight is 1:2, not 2:4', () => {
    const half = (column: number, row: number) => column % 2 === row % 2;
    expect(groupOf(values(0, 32, half), crop(0, 32))).toEqual({ stay: 1, of: 2 });
  });
});
