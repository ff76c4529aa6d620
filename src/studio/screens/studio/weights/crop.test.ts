import { expect, it } from 'vitest';
import { cropAt, cropFrom, cropWith, entryUnder, indexIn, isWhole, moved } from './crop.ts';

const LAYER = { rows: 172, columns: 200 };
const START = cropFrom({ row: 0, column: 0 });

it('keys move within the layer', () => {
  const from = { row: 0, column: 5 };
  expect(moved(from, 'ArrowUp', LAYER)).toEqual(from);
  expect(moved(from, 'ArrowDown', LAYER)).toEqual({ row: 1, column: 5 });
  expect(moved(from, 'ArrowRight', LAYER)).toEqual({ row: 0, column: 6 });
  expect(moved(from, 'End', LAYER)).toEqual({ row: 0, column: 199 });
  expect(moved(from, 'Home', LAYER)).toEqual({ row: 0, column: 0 });
  expect(moved({ row: 150, column: 0 }, 'PageDown', LAYER)).toEqual({ row: 171, column: 0 });
  expect(moved(from, 'a', LAYER)).toBeUndefined();
});

it('the maps follow a pick no further than they must', () => {
  expect(cropWith({ row: 39, column: 63 }, START, LAYER)).toEqual(START);
  expect(cropWith({ row: 40, column: 0 }, START, LAYER).rows).toEqual({ from: 1, end: 41 });
  const last = cropWith({ row: 171, column: 199 }, START, LAYER);
  expect(last).toEqual({ rows: { from: 132, end: 172 }, columns: { from: 136, end: 200 } });
  expect(cropWith({ row: 100, column: 100 }, last, LAYER)).toEqual({
    rows: { from: 100, end: 140 },
    columns: { from: 100, end: 164 },
  });
});

it('a place is put into the middle, as far as the layer reaches', () => {
  expect(cropAt({ row: 86, column: 100 }, LAYER)).toEqual({
    rows: { from: 66, end: 106 },
    columns: { from: 68, end: 132 },
  });
  expect(cropAt({ row: 1, column: 1 }, { rows: 10, columns: 20 })).toEqual({
    rows: { from: 0, end: 10 },
    columns: { from: 0, end: 20 },
  });
  expect(
    isWhole(cropAt({ row: 1, column: 1 }, { rows: 10, columns: 20 }), { rows: 10, columns: 20 }),
  ).toBe(true);
  expect(isWhole(START, LAYER)).toBe(false);
});

it('a point of a map is a weight, which has a place in the crop', () => {
  const crop = { rows: { from: 10, end: 20 }, columns: { from: 30, end: 50 } };
  expect(entryUnder(0, 0, crop)).toEqual({ row: 10, column: 30 });
  expect(entryUnder(0.999, 0.5, crop)).toEqual({ row: 15, column: 49 });
  expect(entryUnder(1, 1, crop)).toEqual({ row: 19, column: 49 });
  expect(indexIn({ row: 11, column: 32 }, crop)).toBe(22);
  expect(indexIn({ row: 9, column: 32 }, crop)).toBeUndefined();
});
