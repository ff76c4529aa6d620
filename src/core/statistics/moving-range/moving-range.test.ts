import { describe, expect, it } from 'vitest';
import { collect, COLUMNS, randomRows, ROWS } from '../testing.ts';
import { createMovingRange } from './moving-range.ts';

describe('moving range', () => {
  it('is the range of the first reading moved by a hundredth of each further one', () => {
    const x = new Float32Array(64 * 3).fill(1);
    const taken = createMovingRange(1);
    taken.add(x, x.length);
    taken.add(
      Float32Array.from({ length: 64 }, () => -3),
      64,
    );
    const { minimum, maximum, rows, columns } = taken.finish();
    expect([rows, columns]).toEqual([256, 1]);
    expect(minimum).toBeCloseTo(1 + 0.01 * (-3 - 1), 12);
    expect(maximum).toBeCloseTo(1 + 0.01 * (-3 - 1), 12);
  });

  it('does not depend on how rows are batched', () => {
    const x = randomRows('x');
    const [whole, rowByRow] = [createMovingRange(COLUMNS), createMovingRange(COLUMNS)];
    whole.add(x, ROWS);
    for (let r = 0; r < ROWS; r++) rowByRow.add(x.subarray(r * COLUMNS, (r + 1) * COLUMNS), 1);
    expect(rowByRow.finish()).toEqual(whole.finish());
  });

  it('is moved little by one outlier, and is nothing before any row', () => {
    const x = randomRows('x');
    const usual = collect(createMovingRange(COLUMNS), x).maximum;
    const taken = createMovingRange(COLUMNS);
    taken.add(x, ROWS);
    taken.add(new Float32Array(COLUMNS).fill(1000), 1);
    expect(taken.finish().maximum).toBeLessThan(usual + 20);
    expect(createMovingRange(3).finish()).toEqual({ rows: 0, columns: 3, minimum: 0, maximum: 0 });
  });
});
