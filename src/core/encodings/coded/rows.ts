import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from '../emitter.ts';
import { wordOf, type Plane } from './layout.ts';
import { castTo, cut, flat, toFloat, unpack } from './unpack.ts';

/** One part of the codes as the graph holds it. */
export interface PlaneRows extends Plane {
  /** [rows, …bytes of a row] */
  readonly value: string;
  /** Codes stored per row, padding included. */
  readonly paddedColumns: number;
}

/** Zeros as the graph holds them; a missing zero is 0. */
export type ZeroRows =
  | { readonly kind: 'constant'; readonly bits: number }
  | { readonly kind: 'numbers'; readonly value: string; readonly dataType: number }
  /** uint8, packed to `bits` each in whole bytes per row. */
  | { readonly kind: 'packed'; readonly value: string; readonly bits: Plane['bits'] };

/** What codes stand for when they are no numbers themselves; float32. */
export interface TableRows {
  readonly value: string;
  readonly perRow: boolean;
  /** Weights that one code stands for. */
  readonly vector: number;
}

/**
 * Codes of whole rows in the graph, so that rows can be looked up before they are unpacked.
 * Every storage but an in-out DequantizeLinear is one.
 */
export interface StoredRows {
  readonly planes: readonly PlaneRows[];
  readonly columns: number;
  readonly granularity: 'block' | 'channel' | 'tensor';
  readonly groupSize: number;
  readonly groups: number;
  /** [rows, groups], [rows] when `flatScales`, or a scalar for granularity tensor. */
  readonly scales?: { readonly value: string; readonly dataType: number };
  readonly flatScales?: boolean;
  readonly zeros?: ZeroRows;
  readonly table?: TableRows;
}

type Pick = (name: string) => string;

/**
 * Emits the standard operators that turn stored rows into float32 [rows, columns]:
 * Ŵ = scale · (code − zero), or scale · table[code]. With `picked` (a vector of row numbers) only those
 * rows are read, so an embedding table is never unpacked as a whole.
 */
export function readRows(emit: Emitter, stored: StoredRows, picked?: string): string {
  const pick: Pick = (name) =>
    picked === undefined ? name : emit.op('Gather', [name, picked], { axis: 0 });
  const pickGroups: Pick = (name) => {
    if (stored.granularity === 'tensor') return name;
    return stored.flatScales ? flat(emit, pick(name), 1) : pick(name);
  };
  const codes = readCodes(emit, stored, pick);
  const scales = stored.scales && {
    scales: castTo(emit, pickGroups(stored.scales.value), stored.scales.dataType, DataType.float32),
  };
  const parts: Parts = { ...codes, ...scales, ...readZeros(emit, stored, pickGroups) };
  return stored.granularity === 'block' && parts.scales !== undefined
    ? scaleBlocks(emit, stored, parts)
    : scalePlain(emit, stored, parts);
}

interface Codes {
  /** [rows, width] */
  readonly codes: string;
  readonly width: number;
}

interface Parts extends Codes {
  readonly scales?: string;
  /** Absent when the zero is 0. */
  readonly zeros?: string;
}

function readCodes(emit: Emitter, stored: StoredRows, pick: Pick): Codes {
  const { planes, table } = stored;
  const vector = table?.vector ?? 1;
  const columns = Math.ceil(stored.columns / vector);
  const [{ value, bits, paddedColumns }, ...higher] = planes;
  let codes = unpack(emit, pick(value), bits, paddedColumns);
  let width = paddedColumns;
  for (const plane of higher) {
    const high = unpack(emit, pick(plane.value), plane.bits, plane.paddedColumns);
    const scale = emit.floats(`up_${plane.shift}bit`, [2 ** plane.shift]);
    const wide = emit.op('Mul', [cut(emit, high, plane.paddedColumns, columns), scale]);
    codes = emit.op('Add', [cut(emit, codes, width, columns), wide]);
    width = columns;
  }
  if (table === undefined) return { codes, width };
  const found = lookUp(emit, table, cut(emit, codes, width, columns), pick);
  const weights = columns * vector;
  return { codes: vector === 1 ? found : flat(emit, found, weights), width: weights };
}

/** The table's value, or vector, of every code. */
function lookUp(emit: Emitter, { value, perRow }: TableRows, codes: string, pick: Pick): string {
  const indices = emit.op('Cast', [codes], { to: DataType.int32 });
  return perRow
    ? emit.op('GatherElements', [pick(value), indices], { axis: 1 })
    : emit.op('Gather', [value, indices], { axis: 0 });
}

function readZeros(
  emit: Emitter,
  { zeros, groups }: StoredRows,
  pick: Pick,
): { readonly zeros?: string } {
  if (zeros === undefined) return {};
  if (zeros.kind === 'constant') {
    return { zeros: emit.floats(`zero_${zeros.bits}bit`, [2 ** (zeros.bits - 1)]) };
  }
  if (zeros.kind === 'numbers') {
    return { zeros: castTo(emit, pick(zeros.value), zeros.dataType, DataType.float32) };
  }
  if (zeros.bits === 8) return { zeros: toFloat(emit, pick(zeros.value)) };
  const perByte = wordOf(zeros.bits).codes;
  const padded = Math.ceil(groups / perByte) * perByte;
  return { zeros: cut(emit, unpack(emit, pick(zeros.value), zeros.bits, padded), padded, groups) };
}

/** One scale per row, or one for all, or none. */
function scalePlain(emit: Emitter, { columns }: StoredRows, parts: Parts): string {
  const codes = cut(emit, parts.codes, parts.width, columns);
  const centred = parts.zeros === undefined ? codes : emit.op('Sub', [codes, parts.zeros]);
  return parts.scales === undefined ? centred : emit.op('Mul', [centred, parts.scales]);
}

/** One scale per block of columns. */
function scaleBlocks(emit: Emitter, stored: StoredRows, parts: Parts): string {
  const { columns, groups, groupSize } = stored;
  const whole = groups * groupSize;
  if (whole !== columns && whole !== parts.width) return scaleRagged(emit, stored, parts);
  const codes = cut(emit, parts.codes, parts.width, whole);
  const blocks = emit.op('Reshape', [codes, emit.integers([-1, groups, groupSize])]);
  const perBlock = (value: string): string =>
    emit.op('Reshape', [value, emit.integers([-1, groups, 1])]);
  const zeros = perGroup(stored, parts, perBlock);
  const centred = zeros === undefined ? blocks : emit.op('Sub', [blocks, zeros]);
  const scaled = emit.op('Mul', [centred, perBlock(parts.scales ?? '')]);
  return cut(emit, flat(emit, scaled, whole), whole, columns);
}

/** Stored zeros follow the scales; the constant middle fits any shape as it is. */
function perGroup({ zeros }: StoredRows, parts: Parts, change: Pick): string | undefined {
  const stored = zeros !== undefined && zeros.kind !== 'constant' && parts.zeros !== undefined;
  return stored ? change(parts.zeros) : parts.zeros;
}

/** The last block is shorter: scales are repeated to full width and cut, codes stay as they are. */
function scaleRagged(emit: Emitter, stored: StoredRows, parts: Parts): string {
  const { columns, groups, groupSize } = stored;
  const perColumn = (value: string): string => {
    const blocks = emit.op('Reshape', [value, emit.integers([-1, groups, 1])]);
    const wide = emit.op('Expand', [blocks, emit.integers([1, 1, groupSize])]);
    const whole = groups * groupSize;
    return cut(emit, flat(emit, wide, whole), whole, columns);
  };
  const zeros = perGroup(stored, parts, perColumn);
  const { codes, width } = parts;
  const wide = { codes, width, scales: perColumn(parts.scales ?? '') };
  return scalePlain(emit, stored, { ...wide, ...(zeros !== undefined && { zeros }) });
}
