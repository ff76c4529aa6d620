import { fromFloat32, toFloat32 } from '../../tensor/convert.ts';
import { DataType } from '../../tensor/data-type.ts';
import { planned } from '../problems.ts';
import type { Coded, Entry, Group, Numbers, PlainNumbers, Shape, Table } from '../types.ts';
import { decodeNumbers } from './decode.ts';
import { codeColumns, groupCount, groupsOf, vectorOf } from './layout.ts';
import { isPlain } from './tensors.ts';

/** The group that the weight at a entry belongs to; undefined where codes stand for several weights. Throws `encoding-planned`. */
export function groupOfCoded(
  coded: Coded,
  shape: Shape,
  { row, column }: Entry,
): Group | undefined {
  if (vectorOf(coded) > 1) return undefined;
  const { bits, grid, granularity, groupSize } = coded;
  const { rows, columns } = shape;
  const whole = granularity === 'tensor';
  const g = whole ? 0 : Math.floor(column / groupSize);
  const at = whole ? 0 : row * groupsOf(coded, columns) + g;
  const { scale, zero } = gridOf(coded, at, groupCount(coded, shape));
  const values = grid === 'integer' ? undefined : tableRow(grid, 2 ** bits, row);
  return {
    rows: whole ? { from: 0, end: rows } : { from: row, end: row + 1 },
    columns: whole
      ? { from: 0, end: columns }
      : { from: g * groupSize, end: Math.min(columns, (g + 1) * groupSize) },
    ...{ bits, scale },
    ...(grid === 'integer' && { zero }),
    levels: Float32Array.from(
      { length: 2 ** bits },
      (_, code) => scale * Math.fround((values ? values[code] : code) - zero),
    ),
  };
}

/** Some rows of coded weights as coded weights of their own, [rows.length, columns]. Throws `encoding-planned`. */
export function codedRows(coded: Coded, shape: Shape, rows: readonly number[]): Coded {
  const { codes = planned(), grid, scales, zeros } = coded;
  const groups = coded.granularity === 'tensor' ? 0 : groupsOf(coded, shape.columns);
  const count = groupCount(coded, shape);
  const numbers = (of: Numbers): PlainNumbers => pickNumbers(of, count, rows, groups);
  return {
    ...coded,
    codes: pick(codes, rows, codeColumns(coded, shape.columns)),
    ...(scales && { scales: numbers(scales) }),
    ...(zeros && { zeros: numbers(zeros) }),
    ...(grid !== 'integer' && { grid: pickTable(grid, rows, 2 ** coded.bits) }),
  };
}

/**
 * Where numbers lie on their own groups' grids: value / scale + zero on integer grids, so that whole numbers are
 * codes; value / scale on tables. NaN in groups whose scale is 0. Throws `encoding-planned`.
 */
export function gridPositions(coded: Coded, shape: Shape, values: Float32Array): Float32Array {
  const { grid, scales, zeros, bits, granularity, groupSize } = coded;
  const count = groupCount(coded, shape);
  const groups = groupsOf(coded, shape.columns);
  const [scale, zero] = [scales, zeros].map((n) => n && decodeNumbers(n, count));
  const middle = grid === 'integer' ? 2 ** (bits - 1) : 0;
  const out = new Float32Array(values.length);
  for (let r = 0, i = 0; r < shape.rows; r++)
    for (let g = 0; g < groups; g++) {
      const at = granularity === 'tensor' ? 0 : r * groups + g;
      const width = granularity === 'tensor' ? shape.columns : groupSize;
      const s = scale?.[at] ?? 1;
      const z = zero?.[at] ?? middle;
      const end = r * shape.columns + Math.min(shape.columns, (g + 1) * width);
      for (; i < end; i++) out[i] = s === 0 ? NaN : values[i] / s + z;
    }
  return out;
}

/**
 * 1 for every weight whose group has a negative scale, so that larger codes stand for smaller values there;
 * undefined where no group has one. Throws `encoding-planned`.
 */
export function turnedWeights(coded: Coded, shape: Shape): Uint8Array | undefined {
  const { scales, granularity, groupSize } = coded;
  const scale = scales && decodeNumbers(scales, groupCount(coded, shape));
  if (scale?.some((value) => value < 0) !== true) return undefined;
  const groups = groupsOf(coded, shape.columns);
  return Uint8Array.from({ length: shape.rows * shape.columns }, (_, i) => {
    const [row, column] = [Math.floor(i / shape.columns), i % shape.columns];
    const at = granularity === 'tensor' ? 0 : row * groups + Math.floor(column / groupSize);
    return scale[at] < 0 ? 1 : 0;
  });
}

function gridOf({ bits, grid, scales, zeros }: Coded, at: number, count: number) {
  const scale = scales ? numberAt(scales, at, count) : 1;
  const middle = grid === 'integer' ? 2 ** (bits - 1) : 0;
  const zero = zeros ? numberAt(zeros, at, count) : middle;
  return { scale, zero };
}

/** One of `count` numbers, as the graph computes with it. */
function numberAt(numbers: Numbers, at: number, count: number): number {
  if (!isPlain(numbers)) return decodeNumbers(numbers, count)[at];
  const { dataType, values = planned() } = numbers;
  if (dataType === DataType.float32) return values[at];
  return toFloat32(dataType, fromFloat32(dataType, values.subarray(at, at + 1), true), 1)[0];
}

function pickNumbers(
  numbers: Numbers,
  count: number,
  rows: readonly number[],
  groups: number,
): PlainNumbers {
  const plain = isPlain(numbers)
    ? { dataType: numbers.dataType, values: numbers.values ?? planned() }
    : { dataType: DataType.float32, values: decodeNumbers(numbers, count) };
  return groups === 0 ? plain : { ...plain, values: pick(plain.values, rows, groups) };
}

function pickTable(table: Table, rows: readonly number[], entries: number): Table {
  if (table.shared !== 'row') return table;
  return { ...table, values: pick(table.values ?? planned(), rows, entries) };
}

function tableRow(table: Table, entries: number, row: number): Float32Array {
  const values = table.shared === 'fixed' ? table.values : decodeNumbers(table, 0);
  return table.shared === 'row' ? values.subarray(row * entries, (row + 1) * entries) : values;
}

/** Rows of a matrix of this width, one after the other. */
function pick<T extends Float32Array | Uint8Array>(
  matrix: T,
  rows: readonly number[],
  width: number,
): T {
  const out = matrix.slice(0, rows.length * width) as T;
  rows.forEach((row, i) => out.set(matrix.subarray(row * width, (row + 1) * width), i * width));
  return out;
}
