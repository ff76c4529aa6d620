import { fromFloat32, toFloat32 } from '../../tensor/convert.ts';
import { DataType } from '../../tensor/data-type.ts';
import { planned } from '../problems.ts';
import type { Coded, Numbers, Shape, Table } from '../types.ts';
import { groupCount, groupsOf, tablePlaces } from './layout.ts';
import { isPlain } from './tensors.ts';

/** `count` numbers as the graph computes with them: rounded to their type, or decoded. */
export function decodeNumbers(numbers: Numbers, count: number): Float32Array {
  if (!isPlain(numbers)) return decodeCoded(numbers.coded, { rows: 1, columns: count });
  const { dataType, values = planned() } = numbers;
  if (dataType === DataType.float32) return values;
  return toFloat32(dataType, fromFloat32(dataType, values, true), values.length);
}

/**
 * Ŵ[r,c] = scale[r,g] · (code[r,c] − zero[r,g]), on tables with table[code[r,c]] for the code, each operation
 * rounded to float32 as in the graph. Throws `encoding-planned`.
 */
export function decodeCoded(coded: Coded, shape: Shape): Float32Array {
  const { codes = planned(), bits, grid, scales, zeros } = coded;
  const { rows, columns } = shape;
  const count = groupCount(coded, shape);
  const scale = scales && decodeNumbers(scales, count);
  const zero = zeros && decodeNumbers(zeros, count);
  const values = grid === 'integer' ? undefined : tableValues(grid);
  const perRow = grid !== 'integer' && grid.shared === 'row';
  const places = tablePlaces(coded, codes, shape);
  const middle = 2 ** (bits - 1);
  const groups = groupsOf(coded, columns);
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let g = 0; g < groups; g++) {
      const at = coded.granularity === 'tensor' ? 0 : r * groups + g;
      const width = coded.granularity === 'tensor' ? columns : coded.groupSize;
      const s = scale?.[at] ?? 1;
      const z = zero?.[at] ?? (values === undefined ? middle : 0);
      const [from, end] = [
        r * columns + g * width,
        r * columns + Math.min(columns, (g + 1) * width),
      ];
      if (values === undefined) spread(out, codes, { from, end, s, z });
      else look(out, places, { from, end, s, z }, values, perRow ? r * 2 ** bits : 0);
    }
  return out;
}

interface Group {
  readonly from: number;
  readonly end: number;
  readonly s: number;
  readonly z: number;
}

/** WHY a loop of its own: nothing is asked inside, and it runs over every weight of a model. */
function spread(out: Float32Array, codes: ArrayLike<number>, { from, end, s, z }: Group): void {
  for (let i = from; i < end; i++) out[i] = s * Math.fround(codes[i] - z);
}

/** The same for codes that are looked up in a table that starts at `first`. */
function look(
  out: Float32Array,
  codes: ArrayLike<number>,
  { from, end, s, z }: Group,
  table: Float32Array,
  first: number,
): void {
  for (let i = from; i < end; i++) out[i] = s * Math.fround(table[first + codes[i]] - z);
}

function tableValues(table: Table): Float32Array {
  if (table.shared === 'fixed') return table.values;
  return decodeNumbers(table, 0);
}

/** Equal for codes of the same form. */
export function keyOfCoded(coded: Coded): string {
  const { bits, grid, granularity, groupSize, scales, zeros } = coded;
  const table = grid === 'integer' ? grid : `${grid.shared} ${tableName(grid)}`;
  const numbers = [scales, zeros].map((one) => (one ? keyOfNumbers(one) : 'none'));
  return `coded(${[bits, table, granularity, groupSize, ...numbers].join(' ')})`;
}

function tableName(table: Table): string {
  if (table.shared === 'fixed') return table.name;
  return table.vector === undefined
    ? String(table.dataType)
    : `${table.dataType} of ${table.vector}`;
}

/** Equal for numbers of the same form. */
export function keyOfNumbers(numbers: Numbers): string {
  return isPlain(numbers) ? String(numbers.dataType) : keyOfCoded(numbers.coded);
}
