import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from './emitter.ts';
import type { StoredRows } from './stored.ts';

/**
 * Emits the plain operators that turn stored rows into float32 [rows, columns]:
 * Ŵ = scale · (code − zero). With `picked` (a vector of row numbers) only those rows are read, so an
 * embedding table is never unpacked as a whole. Every step is exact in float32 (words stay below 2²⁴)
 * and uses operators that the WASM and the WebGPU provider both have.
 */
export function readRows(emit: Emitter, stored: StoredRows, base: string, picked?: string): string {
  const gather = (name: string, what: string): string =>
    picked === undefined ? name : emit.op('Gather', [name, picked], `${base}_${what}`, { axis: 0 });
  const pick = (name: string, what: string): string => {
    const own = gather(name, what);
    return stored.flatScales && what !== 'codes' ? flat(emit, own, 1, `${base}_${what}`) : own;
  };
  const codes = readCodes(emit, stored, pick(stored.codes, 'codes'), `${base}_codes`);
  const scales = castTo(emit, readScales(stored, pick), stored.scaleType, DataType.float32, base);
  const zeros = readZeros(emit, stored, pick, base);
  return stored.granularity === 'block'
    ? scaleBlocks(emit, stored, { codes, scales, zeros }, base)
    : scalePlain(emit, stored, { codes, scales, zeros }, base);
}

interface Parts {
  /** [rows, paddedColumns] */
  readonly codes: string;
  readonly scales: string;
  /** Absent when the zero is 0. */
  readonly zeros?: string;
}

/** Casts when the types differ. */
export function castTo(
  emit: Emitter,
  value: string,
  from: number,
  to: number,
  base: string,
): string {
  return from === to ? value : emit.op('Cast', [value], base, { to });
}

function readScales(stored: StoredRows, pick: (name: string, what: string) => string): string {
  return stored.granularity === 'tensor' ? stored.scales : pick(stored.scales, 'scales');
}

/** float32 [rows, paddedColumns]. */
function readCodes(emit: Emitter, stored: StoredRows, codes: string, base: string): string {
  const { bits, paddedColumns } = stored;
  if (bits === 8) return flat(emit, toFloat(emit, codes, base), paddedColumns, base);
  return unpack(emit, codes, bits, paddedColumns, base);
}

function readZeros(
  emit: Emitter,
  stored: StoredRows,
  pick: (name: string, what: string) => string,
  base: string,
): string | undefined {
  const { zeros, bits, groups } = stored;
  if (zeros === undefined) {
    return stored.signed ? undefined : emit.floats(`zero_${bits}bit`, [2 ** (bits - 1)]);
  }
  const own = stored.granularity === 'tensor' ? zeros : pick(zeros, 'zeros');
  if (stored.zerosPacked !== true || bits === 8) return toFloat(emit, own, `${base}_zeros`);
  const perByte = 8 / bits;
  const padded = Math.ceil(groups / perByte) * perByte;
  const unpacked = unpack(emit, own, bits, padded, `${base}_zeros`);
  return cut(emit, unpacked, padded, groups, `${base}_zeros`);
}

function toFloat(emit: Emitter, value: string, base: string): string {
  return emit.op('Cast', [value], base, { to: DataType.float32 });
}

function flat(emit: Emitter, value: string, columns: number, base: string): string {
  return emit.op('Reshape', [value, emit.integers([-1, columns])], base);
}

/**
 * A little-endian bit stream per row: words of one byte hold 8/bits codes, and three bytes hold eight
 * 3-bit codes. code_i = ⌊word / 2^(bits·i)⌋ mod 2^bits.
 */
function unpack(
  emit: Emitter,
  packed: string,
  bits: 2 | 3 | 4,
  columns: number,
  base: string,
): string {
  const words = readWords(emit, packed, bits, base);
  const perWord = bits === 3 ? 8 : 8 / bits;
  const shifts = Array.from({ length: perWord }, (_, i) => 2 ** (-bits * i));
  const right = emit.floats(`shift_${bits}bit`, shifts, [perWord]);
  const shifted = emit.op('Floor', [emit.op('Mul', [words, right], base)], base);
  const down = emit.floats(`down_${bits}bit`, [2 ** -bits]);
  const upper = emit.op('Floor', [emit.op('Mul', [shifted, down], base)], base);
  const up = emit.floats(`up_${bits}bit`, [2 ** bits]);
  const codes = emit.op('Sub', [shifted, emit.op('Mul', [upper, up], base)], base);
  return flat(emit, codes, columns, base);
}

/** float32 [words, 1]. */
function readWords(emit: Emitter, packed: string, bits: 2 | 3 | 4, base: string): string {
  const bytes = toFloat(emit, packed, base);
  if (bits !== 3) return flat(emit, bytes, 1, base);
  const weights = emit.floats('word_3bit', [1, 256, 65536], [3, 1]);
  return emit.op('MatMul', [flat(emit, bytes, 3, base), weights], base);
}

function cut(emit: Emitter, value: string, from: number, to: number, base: string): string {
  if (from === to) return value;
  const [start, end, axis] = [[0], [to], [1]].map((v) => emit.integers(v));
  return emit.op('Slice', [value, start, end, axis], base);
}

/** One scale per row, or one for all. */
function scalePlain(emit: Emitter, stored: StoredRows, parts: Parts, base: string): string {
  const codes = cut(emit, parts.codes, stored.paddedColumns, stored.columns, base);
  const centred = parts.zeros === undefined ? codes : emit.op('Sub', [codes, parts.zeros], base);
  return emit.op('Mul', [centred, parts.scales], base);
}

/** One scale per block of columns. */
function scaleBlocks(emit: Emitter, stored: StoredRows, parts: Parts, base: string): string {
  const { columns, paddedColumns, groups, groupSize } = stored;
  const whole = groups * groupSize;
  if (whole !== columns && whole !== paddedColumns) return scaleRagged(emit, stored, parts, base);
  const codes = cut(emit, parts.codes, paddedColumns, whole, base);
  const blocks = emit.op('Reshape', [codes, emit.integers([-1, groups, groupSize])], base);
  const perBlock = emit.integers([-1, groups, 1]);
  const scales = emit.op('Reshape', [parts.scales, perBlock], base);
  const zeros =
    stored.zeros === undefined ? parts.zeros : reshaped(emit, parts.zeros, perBlock, base);
  const centred = zeros === undefined ? blocks : emit.op('Sub', [blocks, zeros], base);
  const scaled = flat(emit, emit.op('Mul', [centred, scales], base), whole, base);
  return cut(emit, scaled, whole, columns, base);
}

function reshaped(
  emit: Emitter,
  value: string | undefined,
  shape: string,
  base: string,
): string | undefined {
  return value === undefined ? undefined : emit.op('Reshape', [value, shape], base);
}

/** The last block is shorter: scales are repeated to full width and cut, codes stay as they are. */
function scaleRagged(emit: Emitter, stored: StoredRows, parts: Parts, base: string): string {
  const { columns, groups, groupSize } = stored;
  const perColumn = (value: string): string => {
    const blocks = emit.op('Reshape', [value, emit.integers([-1, groups, 1])], base);
    const wide = emit.op('Expand', [blocks, emit.integers([1, 1, groupSize])], base);
    const whole = groups * groupSize;
    return cut(emit, flat(emit, wide, whole, base), whole, columns, base);
  };
  const zeros =
    stored.zeros === undefined || parts.zeros === undefined ? parts.zeros : perColumn(parts.zeros);
  return scalePlain(emit, stored, { ...parts, scales: perColumn(parts.scales), zeros }, base);
}
