import { describe, expect, it } from 'vitest';
import { codes, FLOAT32, METHODS, SHAPE } from '../../../../test/fixtures/encodings/methods.ts';
import { seededRandom } from '../../random/seeded.ts';
import {
  codedRows,
  decodeWeight,
  gridPositions,
  groupOf,
  SIGNS,
  vectorOf,
  type Encoded,
} from '../index.ts';
import { sampleOf } from '../sample.ts';

function filled(name: string): Encoded {
  return sampleOf(METHODS[name], SHAPE, seededRandom(3, name));
}

const named = Object.keys(METHODS);
const ofKind = (name: string, vectors: boolean): boolean => {
  const encoded = METHODS[name];
  return encoded.kind === 'coded' && vectorOf(encoded) > 1 === vectors;
};
const coded = named.filter((name) => ofKind(name, false));
const vectors = named.filter((name) => ofKind(name, true));

it.each(named)('%s: every weight is one of the values of its group', (name) => {
  const encoded = filled(name);
  const shown = decodeWeight(encoded, SHAPE.rows, SHAPE.columns);
  for (let row = 0; row < SHAPE.rows; row++)
    for (let column = 0; column < SHAPE.columns; column++) {
      const group = groupOf(encoded, SHAPE, { row, column });
      if (group === undefined) return expect(coded).not.toContain(name);
      expect([...group.levels]).toContain(shown[row * SHAPE.columns + column]);
      expect(group.levels).toHaveLength(2 ** group.bits);
      const { rows, columns } = group;
      expect(rows.from <= row && row < rows.end).toBe(true);
      expect(columns.from <= column && column < columns.end).toBe(true);
      const first = groupOf(encoded, SHAPE, { row: rows.from, column: columns.from });
      expect(first).toEqual(group);
    }
});

it.each(vectors)('%s: codes that stand for several weights have no values of one', (name) => {
  expect(groupOf(filled(name), SHAPE, { row: 1, column: 2 })).toBeUndefined();
});

describe.each([...coded, ...vectors])('%s', (name) => {
  it('some of its rows stand for the same numbers on their own', () => {
    const encoded = filled(name);
    if (encoded.kind !== 'coded') throw new Error(name);
    const rows = [0, 3, 6];
    const picked = codedRows(encoded, SHAPE, rows);
    const all = decodeWeight(encoded, SHAPE.rows, SHAPE.columns);
    const want = rows.flatMap((row) => [
      ...all.subarray(row * SHAPE.columns, (row + 1) * SHAPE.columns),
    ]);
    expect([...decodeWeight(picked, rows.length, SHAPE.columns)]).toEqual(want);
  });
});

describe.each(coded)('%s', (name) => {
  it('its weights lie on their codes, or on the entries of its table', () => {
    const encoded = filled(name);
    if (encoded.kind !== 'coded') throw new Error(name);
    const shown = decodeWeight(encoded, SHAPE.rows, SHAPE.columns);
    const positions = gridPositions(encoded, SHAPE, shown);
    const { grid, bits } = encoded;
    positions.forEach((position, i) => {
      const code = encoded.codes?.[i] ?? NaN;
      const table = grid !== 'integer' && grid.shared === 'row' ? Math.floor(i / SHAPE.columns) : 0;
      const at = grid === 'integer' ? code : grid.values?.[table * 2 ** bits + code];
      expect(position).toBeCloseTo(at ?? NaN, 4);
    });
  });
});

it('a group says its step, its zero and what its codes stand for', () => {
  const grid = codes(2, 2, {
    scales: { ...FLOAT32, values: Float32Array.of(0.5, 2) },
    zeros: { ...FLOAT32, values: Float32Array.of(1.5, 0) },
    codes: Uint8Array.of(0, 1, 2, 3),
  });
  const shape = { rows: 1, columns: 4 };
  expect(groupOf(grid, shape, { row: 0, column: 1 })).toEqual({
    rows: { from: 0, end: 1 },
    columns: { from: 0, end: 2 },
    ...{ bits: 2, scale: 0.5, zero: 1.5 },
    levels: Float32Array.of(-0.75, -0.25, 0.25, 0.75),
  });
  expect(groupOf(grid, shape, { row: 0, column: 3 })?.levels).toEqual(Float32Array.of(0, 2, 4, 6));
});

it('sums and factors have the grids that come of them, products and sparse weights none', () => {
  const signs = (scale: number): Encoded =>
    codes(1, 'tensor', {
      grid: SIGNS,
      scales: { ...FLOAT32, values: Float32Array.of(scale) },
      codes: new Uint8Array(2),
    });
  const shape = { rows: 1, columns: 2 };
  const at = (encoded: Encoded) => groupOf(encoded, shape, { row: 0, column: 1 });
  expect(at({ kind: 'sum', parts: [signs(1), signs(0.5)] })).toEqual({
    rows: { from: 0, end: 1 },
    columns: { from: 0, end: 2 },
    ...{ bits: 2, scale: 1 },
    levels: Float32Array.of(-1.5, -0.5, 0.5, 1.5),
  });
  const by = { ...FLOAT32, values: Float32Array.of(1, 3) };
  expect(at({ kind: 'scaled', axis: 'columns', by, of: signs(2) })).toMatchObject({
    columns: { from: 1, end: 2 },
    levels: Float32Array.of(-6, 6),
  });
  expect(at({ kind: 'masked', keep: 1, values: signs(2) })).toBeUndefined();
  expect(at(METHODS['low rank'])).toBeUndefined();
});
