import { packCodes } from '../../kernels/pack.ts';
import { fromFloat32 } from '../../tensor/convert.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import type { StoredTensor } from '../form.ts';
import type { Coded, Numbers, PlainNumbers, Shape, StoredTable } from '../types.ts';
import { codeColumns, groupsOf, planesOf, wordColumns, type Plane } from './layout.ts';

/** True for numbers stored as they are, which is all that native kernels take. */
export function isPlain(numbers: Numbers): numbers is PlainNumbers {
  return 'dataType' in numbers;
}

/**
 * The tensors of codes for standard operators: each row a bit stream of its codes, padded to whole
 * words; then scales, zeros (one number each) and the table, as far as there are any.
 */
export function codedTensors(coded: Coded, shape: Shape, prefix = ''): StoredTensor[] {
  const { bits, scales, zeros, grid, granularity } = coded;
  const perGroup = granularity === 'tensor' ? [] : [shape.rows, groupsOf(coded, shape.columns)];
  return [
    ...planesOf(bits).map((plane) => planeTensor(coded, shape, plane, prefix)),
    ...(scales ? numbersTensors(scales, `${prefix}_scales`, perGroup) : []),
    ...(zeros ? numbersTensors(zeros, `${prefix}_zero_points`, perGroup) : []),
    ...(grid === 'integer' || grid.shared === 'fixed'
      ? []
      : [tableTensor(grid, bits, shape.rows, prefix)]),
  ];
}

function planeTensor(
  coded: Coded,
  { rows, columns: weights }: Shape,
  plane: Plane,
  prefix: string,
): StoredTensor {
  const { bits, codes } = coded;
  const columns = codeColumns(coded, weights);
  const width = wordColumns(plane.bits, columns);
  const part = codes && planeCodes(codes, plane, bits);
  return {
    suffix: `${prefix}_q${bits}${plane.shift > 0 ? '_high' : ''}`,
    dims: [rows, (width * plane.bits) / 8],
    dataType: DataType.uint8,
    ...(part && { bytes: packCodes(padRows(part, rows, columns, width), plane.bits) }),
  };
}

function planeCodes(codes: Uint8Array, { bits, shift }: Plane, all: number): Uint8Array {
  if (bits === all) return codes;
  const mask = 2 ** bits - 1;
  return codes.map((code) => (code >> shift) & mask);
}

function padRows(codes: Uint8Array, rows: number, from: number, to: number): Uint8Array {
  if (from === to) return codes;
  const padded = new Uint8Array(rows * to);
  for (let r = 0; r < rows; r++) padded.set(codes.subarray(r * from, (r + 1) * from), r * to);
  return padded;
}

/** The tensors of numbers in the dims their reader wants; coded ones are one row of codes. */
export function numbersTensors(
  numbers: Numbers,
  suffix: string,
  dims: readonly number[],
): StoredTensor[] {
  if (isPlain(numbers)) return [plainNumbers(numbers, suffix, dims)];
  return codedTensors(numbers.coded, { rows: 1, columns: elementCount(dims) }, suffix);
}

/** One tensor of numbers as they are; values that are too large for their type become its largest. */
export function plainNumbers(
  { dataType, values }: PlainNumbers,
  suffix: string,
  dims: readonly number[],
): StoredTensor {
  const bytes = values && fromFloat32(dataType, values, true);
  return { suffix, dims, dataType, ...(bytes && { bytes }) };
}

function tableTensor(table: StoredTable, bits: number, rows: number, prefix: string): StoredTensor {
  const entries = 2 ** bits;
  if (table.vector !== undefined)
    return plainNumbers(table, `${prefix}_vectors`, [entries, table.vector]);
  return plainNumbers(
    table,
    `${prefix}_table`,
    table.shared === 'row' ? [rows, entries] : [entries],
  );
}
