import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from '../emitter.ts';
import { wordOf, type Plane } from './layout.ts';

/** Casts when the types differ. */
export function castTo(emit: Emitter, value: string, from: number, to: number): string {
  return from === to ? value : emit.op('Cast', [value], { to });
}

/** Casts whatever type it has to float32. */
export function toFloat(emit: Emitter, value: string): string {
  return emit.op('Cast', [value], { to: DataType.float32 });
}

/** Reshape to [-1, columns]. */
export function flat(emit: Emitter, value: string, columns: number): string {
  return emit.op('Reshape', [value, emit.integers([-1, columns])]);
}

/** The first `to` of `from` columns. */
export function cut(emit: Emitter, value: string, from: number, to: number): string {
  if (from === to) return value;
  const bounds = [[0], [to], [1]].map((v) => emit.integers(v));
  return emit.op('Slice', [value, ...bounds]);
}

/**
 * A little-endian bit stream per row as float32 codes [rows, columns]: words of one byte hold 8/bits
 * codes, three bytes hold eight 3-bit or four 6-bit codes. code_i = ⌊word / 2^(bits·i)⌋ mod 2^bits.
 * Every step is exact in float32 (words stay below 2²⁴), by operators that all devices have.
 */
export function unpack(
  emit: Emitter,
  packed: string,
  bits: Plane['bits'],
  columns: number,
): string {
  if (bits === 8) return flat(emit, toFloat(emit, packed), columns);
  const words = readWords(emit, packed, bits);
  const perWord = wordOf(bits).codes;
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
function readWords(emit: Emitter, packed: string, bits: Plane['bits']): string {
  const bytes = toFloat(emit, packed);
  if (wordOf(bits).bytes === 1) return flat(emit, bytes, 1);
  const weights = emit.floats(`word_${bits}bit`, [1, 256, 65536], [3, 1]);
  return emit.op('MatMul', [flat(emit, bytes, 3), weights]);
}
