import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from './emitter.ts';
import type { StoredRows } from './stored.ts';

/**
 * Emits the plain operators that turn stored rows into float32 [rows, columns]:
 * Ŵ = scale · (code − zero). With `picked` (a vector of row numbers) only those rows are read, so an
 * embedding table is never unpacked as a whole. Every step is exact in float32 (words stay below 2²⁴)
 * and uses operators that the WASM and the WebGPU provider both have.
 */
export function readRows(emit: Emitter, stored: StoredRows, picked?: string): string {
  const pick = (name: string): string =>
    picked === undefined ? name : emit.op('Gather', [name, picked], { axis: 0 });
  const pickGroups = (name: string): string => {
    if (stored.granularity === 'tensor') return name;
    return stored.flatScales ? flat(emit, pick(name), 1) : pick(name);
  };
  const codes = readCodes(emit, stored, pick(stored.codes));
  const scales = castTo(emit, pickGroups(stored.scales), stored.scaleType, DataType.float32);
  const zeros = readZeros(emit, stored, pickGroups);
  const parts = { codes, scales, zeros };
  return stored.granularity === 'block'
    ? scaleBlocks(emit, stored, parts)
    : scalePlain(emit, stored, parts);
}

interface Parts {
  /** [rows, paddedColumns] */
  readonly codes: string;
  readonly scales: string;
  /** Absent when the zero is 0. */
  readonly zeros?: string;
}

/** Casts when the types differ. */
export function castTo(emit: Emitter, value: string, from: number, to: number): string {
  return from === to ? value : emit.op('Cast', [value], { to });
}

/** float32 [rows, paddedColumns]. */
function readCodes(emit: Emitter, stored: StoredRows, codes: string): string {
  const { bits, paddedColumns } = stored;
  if (bits === 8) return flat(emit, toFloat(emit, codes), paddedColumns);
  return unpack(emit, codes, bits, paddedColumns);
}

function readZeros(
  emit: Emitter,
  { zeros, bits, groups, signed, zerosPacked }: StoredRows,
  pick: (name: string) => string,
): string | undefined {
  if (zeros === undefined) {
    return signed ? undefined : emit.floats(`zero_${bits}bit`, [2 ** (bits - 1)]);
  }
  if (zerosPacked !== true || bits === 8) return toFloat(emit, pick(zeros));
  const perByte = 8 / bits;
  const padded = Math.ceil(groups / perByte) * perByte;
  return cut(emit, unpack(emit, pick(zeros), bits, padded), padded, groups);
}

function toFloat(emit: Emitter, value: string): string {
  return emit.op('Cast', [value], { to: DataType.float32 });
}

function flat(emit: Emitter, value: string, columns: number): string {
  return emit.op('Reshape', [value, emit.integers([-1, columns])]);
}

/**
 * A little-endian bit stream per row: words of one byte hold 8/bits codes, and three bytes hold eight
 * 3-bit codes. code_i = ⌊word / 2^(bits·i)⌋ mod 2^bits.
 */
function unpack(emit: Emitter, packed: string, bits: 2 | 3 | 4, columns: number): string {
  const words = readWords(emit, packed, bits);
  const perWord = bits === 3 ? 8 : 8 / bits;
  const shifts = Array.from({ length: perWord }, (_, i) => 2 ** (-bits * i));
  const right = emit.floats(`shift_${bits}bit`, shifts, [perWord]);
  const shifted = emit.op('Floor', [emit.op('Mul', [words, right])]);
  const down = emit.floats(`down_${bits}bit`, [2 ** -bits]);
  const upper = emit.op('Floor', [emit.op('Mul', [shifted, down])]);
  const up = emit.floats(`up_${bits}bit`, [2 ** bits]);
  const codes = emit.op('Sub', [shifted, emit.op('Mul', [upper, up])]);
  return flat(emit, codes, columns);
}

/** float32 [words, 1]. */
function readWords(emit: Emitter, packed: string, bits: 2 | 3 | 4): string {
  const bytes = toFloat(emit, packed);
  if (bits !== 3) return flat(emit, bytes, 1);
  const weights = emit.floats('word_3bit', [1, 256, 65536], [3, 1]);
  return emit.op('MatMul', [flat(emit, bytes, 3), weights]);
}

function cut(emit: Emitter, value: string, from: number, to: number): string {
  if (from === to) return value;
  const bounds = [[0], [to], [1]].map((v) => emit.integers(v));
  return emit.op('Slice', [value, ...bounds]);
}

/** One scale per row, or one for all. */
function scalePlain(emit: Emitter, stored: StoredRows, parts: Parts): string {
  const codes = cut(emit, parts.codes, stored.paddedColumns, stored.columns);
  const centred = parts.zeros === undefined ? codes : emit.op('Sub', [codes, parts.zeros]);
  return emit.op('Mul', [centred, parts.scales]);
}

/** One scale per block of columns. */
function scaleBlocks(emit: Emitter, stored: StoredRows, parts: Parts): string {
  const { columns, paddedColumns, groups, groupSize } = stored;
  const whole = groups * groupSize;
  if (whole !== columns && whole !== paddedColumns) return scaleRagged(emit, stored, parts);
  const codes = cut(emit, parts.codes, paddedColumns, whole);
  const blocks = emit.op('Reshape', [codes, emit.integers([-1, groups, groupSize])]);
  const perBlock = (value: string): string =>
    emit.op('Reshape', [value, emit.integers([-1, groups, 1])]);
  const { zeros } = perGroup(stored, parts, perBlock);
  const centred = zeros === undefined ? blocks : emit.op('Sub', [blocks, zeros]);
  const scaled = emit.op('Mul', [centred, perBlock(parts.scales)]);
  return cut(emit, flat(emit, scaled, whole), whole, columns);
}

/** Stored zeros follow the scales; the constant middle fits any shape as it is. */
function perGroup(
  { zeros }: StoredRows,
  parts: Parts,
  change: (value: string) => string,
): Pick<Parts, 'zeros'> {
  const stored = zeros !== undefined && parts.zeros !== undefined;
  return { zeros: stored ? change(parts.zeros) : parts.zeros };
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
  const { zeros } = perGroup(stored, parts, perColumn);
  return scalePlain(emit, stored, { ...parts, scales: perColumn(parts.scales), zeros });
}
