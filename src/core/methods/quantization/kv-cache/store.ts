import { castTo, toFloat } from '../../../encodings/coded/unpack.ts';
import type { Emitter } from '../../../encodings/emitter.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { CachePlace } from './places.ts';
import { largestCode, MOST_EXPONENT, RANGE_BYTES, SCALE_FLOOR, SCALE_STEPS } from './codes.ts';

/** How one cache is stored. */
export interface CacheCode extends CachePlace {
  readonly bits: number;
  /** Opset 18 and newer take the axes of a reduction as an input. */
  readonly opset: number;
  /** Initializers with s_c and m_c, where ranges are fixed. */
  readonly ranges?: { readonly scales: string; readonly offsets: string };
}

/** Numbers → bytes, by standard operators. */
export function storeCache(emit: Emitter, numbers: string, code: CacheCode): string {
  const x = castTo(emit, numbers, code.dataType, DataType.float32);
  const parts = code.ranges ? [fixedCodes(emit, x, code)] : tokenCodes(emit, x, code);
  const bytes = parts.length === 1 ? parts[0] : joined(emit, parts, code);
  // Rounds to even and saturates: both leave whole numbers between 0 and 255 as they are.
  return emit.op('QuantizeLinear', [bytes, emit.floats('one', [1])]);
}

/** Bytes → numbers: the inverse of {@link storeCache}, up to rounding. */
export function readCache(emit: Emitter, bytes: string, code: CacheCode): string {
  // Not DequantizeLinear: onnxruntime 1.30 refuses an empty cache there on WebGPU.
  const words = toFloat(emit, bytes);
  const x = code.ranges ? fixedNumbers(emit, words, code) : tokenNumbers(emit, words, code);
  return castTo(emit, x, DataType.float32, code.dataType);
}

/** q = clamp(⌊(x − m_c) / s_c⌉, 0, L). */
function fixedCodes(emit: Emitter, x: string, code: CacheCode): string {
  const { scales = '', offsets = '' } = code.ranges ?? {};
  const q = emit.op('Round', [emit.op('Div', [emit.op('Sub', [x, offsets]), scales])]);
  return packed(emit, clamped(emit, q, largestCode(code.bits)), code);
}

function fixedNumbers(emit: Emitter, words: string, code: CacheCode): string {
  const { scales = '', offsets = '' } = code.ranges ?? {};
  return emit.op('Add', [emit.op('Mul', [unpacked(emit, words, code), scales]), offsets]);
}

/** s ≥ (max(x, 0) − min(x, 0)) / L, z = ⌊−min(x, 0) / s⌉, q = clamp(⌊x / s⌉ + z, 0, L). */
function tokenCodes(emit: Emitter, x: string, code: CacheCode): string[] {
  const most = largestCode(code.bits);
  const zero = emit.floats('zero', [0]);
  const top = emit.op('Max', [reduced(emit, 'ReduceMax', x, code), zero]);
  const bottom = emit.op('Min', [reduced(emit, 'ReduceMin', x, code), zero]);
  const exponent = exponentOf(emit, emit.op('Sub', [top, bottom]), most);
  const scale = scaleOf(emit, exponent);
  const below = emit.op('Neg', [emit.op('Div', [bottom, scale])]);
  const z = clamped(emit, emit.op('Round', [below]), most);
  const q = emit.op('Add', [emit.op('Round', [emit.op('Div', [x, scale])]), z]);
  const high = emit.op('Floor', [emit.op('Mul', [exponent, emit.floats('down_byte', [1 / 256])])]);
  const low = emit.op('Sub', [exponent, emit.op('Mul', [high, emit.floats('byte', [256])])]);
  return [high, low, z, packed(emit, clamped(emit, q, most), code)];
}

/** x̂ = s·(q − z). */
function tokenNumbers(emit: Emitter, words: string, code: CacheCode): string {
  const [high, low, z] = [0, 1, 2].map((at) => sliced(emit, words, code, at, at + 1));
  const exponent = emit.op('Add', [emit.op('Mul', [high, emit.floats('byte', [256])]), low]);
  const codes = sliced(emit, words, code, RANGE_BYTES, Number.MAX_SAFE_INTEGER);
  const q = emit.op('Sub', [unpacked(emit, codes, code), z]);
  return emit.op('Mul', [q, scaleOf(emit, exponent)]);
}

/** e = clamp(⌈2048·(log2(range / L) + 24)⌉, 0, 65535). */
function exponentOf(emit: Emitter, range: string, most: number): string {
  const log = emit.op('Log', [range]);
  const steps = emit.op('Mul', [log, emit.floats('steps', [SCALE_STEPS / Math.LN2])]);
  const shift = SCALE_STEPS * (SCALE_FLOOR - Math.log2(most));
  const moved = emit.op('Add', [steps, emit.floats(`shift_${most}`, [shift])]);
  return clamped(emit, emit.op('Ceil', [moved]), MOST_EXPONENT);
}

/** s = 2^(e / 2048 − 24). */
function scaleOf(emit: Emitter, exponent: string): string {
  const steps = emit.op('Mul', [exponent, emit.floats('step', [1 / SCALE_STEPS])]);
  const power = emit.op('Sub', [steps, emit.floats('floor', [SCALE_FLOOR])]);
  return emit.op('Pow', [emit.floats('two', [2]), power]);
}

/** Two 4-bit codes in a byte: those of the first half of the channels below, those of the second above. */
function packed(emit: Emitter, q: string, code: CacheCode): string {
  if (code.bits === 8) return q;
  const half = code.channels / 2;
  const [low, high] = [sliced(emit, q, code, 0, half), sliced(emit, q, code, half, code.channels)];
  return emit.op('Add', [low, emit.op('Mul', [high, emit.floats('nibble', [16])])]);
}

function unpacked(emit: Emitter, words: string, code: CacheCode): string {
  if (code.bits === 8) return words;
  const down = emit.op('Mul', [words, emit.floats('down_nibble', [1 / 16])]);
  const high = emit.op('Floor', [down]);
  const low = emit.op('Sub', [words, emit.op('Mul', [high, emit.floats('nibble', [16])])]);
  return joined(emit, [low, high], code);
}

function joined(emit: Emitter, parts: readonly string[], { channel }: CacheCode): string {
  return emit.op('Concat', parts, { axis: channel });
}

function sliced(emit: Emitter, value: string, code: CacheCode, from: number, to: number): string {
  const bounds = [[from], [to], [code.channel]].map((numbers) => emit.integers(numbers));
  return emit.op('Slice', [value, ...bounds]);
}

function clamped(emit: Emitter, value: string, most: number): string {
  return emit.op('Clip', [value, emit.floats('zero', [0]), emit.floats(`most_${most}`, [most])]);
}

function reduced(emit: Emitter, op: string, x: string, { opset, channel }: CacheCode): string {
  return opset >= 18
    ? emit.op(op, [x, emit.integers([channel])], { keepdims: 1 })
    : emit.op(op, [x], { keepdims: 1, axes: [channel] });
}
