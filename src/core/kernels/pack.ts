import { packBits, packedBytes, unpackUnsigned, type CodeBits } from '../tensor/sub-byte.ts';
import { kernels } from './load.ts';
import { groupsPerRow } from './uniform.ts';

/** Codes in the arena at once. */
const WINDOW = 1 << 16;

/**
 * Packs unsigned codes into bytes as one little-endian bit stream: code i takes the bits
 * [i·bits, (i+1)·bits), bit 0 being the lowest bit of byte 0. Bytes: ⌈n·bits / 8⌉, padded with 0.
 *
 * So 8 bits: one byte per code; 4 bits: low nibble first (ONNX int4, MatMulNBits); 2 bits: lowest
 * pair first; 3 bits: 8 codes in 3 bytes. WHY this order for 3 bits: one graph unpacks every width
 * with float32 operators that all execution providers have, and nothing is wasted (10 codes per
 * 32-bit word would cost 3.2 bits, and its words do not fit float32's 24-bit mantissa).
 *
 * Unpacking in a graph, k = codes per word, b = bytes per word (2 bits: k 4, b 1; 3 bits: k 8, b 3;
 * 4 bits: k 2, b 1), every step exact because words are below 2^24:
 *   bytes  = Reshape(Cast<float32>(packed), [-1, b])
 *   words  = b = 1 ? bytes : MatMul(bytes, [[1], [256], [65536]])        [-1, 1]
 *   shifts = Floor(Mul(words, [2^(−bits·i) for i = 0…k−1]))              [-1, k]
 *   codes  = Sub(shifts, Mul(2^bits, Floor(Mul(shifts, 2^−bits))))       [-1, k] → Reshape
 * When n is no multiple of k the last codes are padding: cut them with Slice, or pack rows whose
 * length is a multiple of k.
 */
export function packCodes(codes: Uint8Array, bits: CodeBits): Uint8Array {
  if (bits === 8) return codes.slice();
  const wasm = kernelsFor(bits);
  if (wasm === undefined) return packBits(codes, bits);
  const packed = new Uint8Array(packedBytes(codes.length, bits));
  wasm.arena.scope(() => {
    const source = wasm.arena.alloc(WINDOW);
    const target = wasm.arena.alloc((WINDOW / 8) * bits);
    for (let i = 0; i < codes.length; i += WINDOW) {
      const part = codes.subarray(i, i + WINDOW);
      const groups = Math.ceil(part.length / 8);
      wasm.arena
        .bytes(source, groups * 8)
        .fill(0, part.length)
        .set(part);
      wasm.packBits({ codes: source, groups, bits, out: target });
      const at = (i / 8) * bits;
      packed.set(wasm.arena.bytes(target, Math.min(groups * bits, packed.length - at)), at);
    }
  });
  return packed;
}

/** Inverse of {@link packCodes}: the first `count` codes of a little-endian bit stream. */
export function unpackCodes(packed: Uint8Array, bits: CodeBits, count: number): Uint8Array {
  if (bits === 8) return packed.slice(0, count);
  const wasm = kernelsFor(bits);
  if (wasm === undefined) return unpackUnsigned(packed, bits, count);
  const codes = new Uint8Array(count);
  wasm.arena.scope(() => {
    const source = wasm.arena.alloc((WINDOW / 8) * bits);
    const target = wasm.arena.alloc(WINDOW);
    for (let i = 0; i < count; i += WINDOW) {
      const n = Math.min(WINDOW, count - i);
      const groups = Math.ceil(n / 8);
      const at = (i / 8) * bits;
      wasm.arena.write(source, packed.subarray(at, Math.min(packed.length, at + groups * bits)));
      wasm.unpackBits({ packed: source, groups, bits, codes: target });
      codes.set(wasm.arena.bytes(target, n), i);
    }
  });
  return codes;
}

/** The kernels take 2, 3 and 4 bits; the rare other widths are packed by the plain loop. */
function kernelsFor(bits: CodeBits) {
  return bits === 2 || bits === 3 || bits === 4 ? kernels() : undefined;
}

/**
 * Codes [rows, columns] packed block by block, each block padded to whole `groupSize` with the
 * group's zero code (so that padding stands for 0): the layout of MatMulNBits' B input,
 * [rows, ⌈columns / groupSize⌉, groupSize · bits / 8].
 */
export function packBlocks(
  codes: Uint8Array,
  rows: number,
  columns: number,
  groupSize: number,
  bits: CodeBits,
  zeros?: Uint8Array,
): Uint8Array {
  const groups = groupsPerRow(columns, groupSize);
  const width = groups * groupSize;
  if (width === columns) return packCodes(codes, bits);
  const padded = new Uint8Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const zero = zeros === undefined ? 2 ** (bits - 1) : zeros[(r + 1) * groups - 1];
    padded.fill(zero, r * width + columns, (r + 1) * width);
    padded.set(codes.subarray(r * columns, (r + 1) * columns), r * width);
  }
  return packCodes(padded, bits);
}

/**
 * Zero points of MatMulNBits: [rows, groups] codes packed row by row, each row padded to whole bytes
 * (4 bits: two per byte, low nibble first).
 */
export function packZeros(
  zeros: Uint8Array,
  rows: number,
  groups: number,
  bits: CodeBits,
): Uint8Array {
  const bytes = Math.ceil((groups * bits) / 8);
  const packed = new Uint8Array(rows * bytes);
  for (let r = 0; r < rows; r++)
    packed.set(packCodes(zeros.subarray(r * groups, (r + 1) * groups), bits), r * bytes);
  return packed;
}
