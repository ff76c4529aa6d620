import { DataType, elementCount } from '../../tensor/data-type.ts';
import type { Emitter } from '../emitter.ts';
import type { Coded, Numbers, Shape } from '../types.ts';
import { codeColumns, groupsOf, planesOf, vectorOf, wordColumns } from './layout.ts';
import { readRows, type StoredRows, type TableRows, type ZeroRows } from './rows.ts';
import { codedTensors, isPlain } from './tensors.ts';
import { castTo } from './unpack.ts';

/** Takes names in the order of `codedTensors`. */
class Names {
  #next = 0;
  constructor(readonly names: readonly string[]) {}

  take(count = 1): readonly string[] {
    this.#next += count;
    return this.names.slice(this.#next - count, this.#next);
  }
}

/** The tensors of `codedTensors`, by these names, as rows to read. Emits what unpacks coded scales. */
export function storedRows(
  emit: Emitter,
  coded: Coded,
  { rows, columns }: Shape,
  names: readonly string[],
): StoredRows {
  const queue = new Names(names);
  const { bits, granularity, groupSize, scales, zeros, grid } = coded;
  const groups = groupsOf(coded, columns);
  const dims = granularity === 'tensor' ? [] : [rows, groups];
  const planes = planesOf(bits).map((plane) => ({
    ...plane,
    value: queue.take()[0],
    paddedColumns: wordColumns(plane.bits, codeColumns(coded, columns)),
  }));
  const take = takesFloats(coded) ? asFloats : asStored;
  const scaleRows = scales && take(emit, numberValue(emit, scales, dims, queue));
  const zeroRows = zerosOf(coded, zeros && take(emit, numberValue(emit, zeros, dims, queue)));
  const table = grid === 'integer' ? undefined : tableOf(emit, grid, queue);
  return {
    ...{ planes, columns, granularity, groupSize, groups },
    ...(scaleRows && { scales: scaleRows }),
    ...(zeroRows && { zeros: zeroRows }),
    ...(table && { table }),
  };
}

/**
 * WHY cast before rows are picked: graphics devices without float16 shaders can cast half tensors when
 * they load a model, but not look rows of them up. Codes with code zeros cast afterwards, as files
 * made so far do.
 */
function takesFloats({ grid, zeros }: Coded): boolean {
  const codeZeros = zeros === undefined || (isPlain(zeros) && zeros.dataType === DataType.uint8);
  return grid !== 'integer' || !codeZeros;
}

function asFloats(emit: Emitter, { value, dataType }: NumberValue): NumberValue {
  return { value: castTo(emit, value, dataType, DataType.float32), dataType: DataType.float32 };
}

function asStored(_emit: Emitter, stored: NumberValue): NumberValue {
  return stored;
}

interface NumberValue {
  readonly value: string;
  readonly dataType: number;
}

/** Numbers in their dims: as stored, or unpacked from their own codes. */
export function readNumbers(
  emit: Emitter,
  numbers: Numbers,
  dims: readonly number[],
  names: readonly string[],
): NumberValue {
  if (isPlain(numbers)) return { value: names[0], dataType: numbers.dataType };
  const shape = { rows: 1, columns: elementCount(dims) };
  const row = readRows(emit, storedRows(emit, numbers.coded, shape, names));
  const value = emit.op('Reshape', [row, emit.integers(dims)]);
  return { value, dataType: DataType.float32 };
}

function numberValue(
  emit: Emitter,
  numbers: Numbers,
  dims: readonly number[],
  queue: Names,
): NumberValue {
  return readNumbers(emit, numbers, dims, queue.take(numberTensors(numbers)));
}

/** How many tensors numbers take. */
export function numberTensors(numbers: Numbers): number {
  return isPlain(numbers) ? 1 : codedTensors(numbers.coded, { rows: 1, columns: 1 }).length;
}

function zerosOf(coded: Coded, stored: NumberValue | undefined): ZeroRows | undefined {
  if (stored !== undefined) return { kind: 'numbers', ...stored };
  return coded.grid === 'integer' ? { kind: 'constant', bits: coded.bits } : undefined;
}

function tableOf(emit: Emitter, grid: Exclude<Coded['grid'], 'integer'>, queue: Names): TableRows {
  if (grid.shared === 'fixed') {
    const { name, values } = grid;
    const value = emit.floats(`table_${name}`, [...values], [values.length]);
    return { value, perRow: false, vector: 1 };
  }
  const value = castTo(emit, queue.take()[0], grid.dataType, DataType.float32);
  return { value, perRow: grid.shared === 'row', vector: vectorOf({ grid }) };
}
