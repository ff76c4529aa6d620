/** Widths of packed integers, first element in the lowest bits, as ONNX stores its 2- and 4-bit types. */
export type CodeBits = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** ⌈count · bits / 8⌉: bytes of `count` packed integers. */
export function packedBytes(count: number, bits: CodeBits): number {
  return Math.ceil((count * bits) / 8);
}

/**
 * Packs `bits`-wide integers into one little-endian bit stream: value i takes the bits
 * [i·bits, (i+1)·bits), bit 0 being the lowest of byte 0. Only the low bits of each value are used, so
 * signed and unsigned values pack alike. The last byte is padded with zero bits.
 */
export function packBits(values: Int8Array | Uint8Array, bits: CodeBits): Uint8Array {
  const mask = (1 << bits) - 1;
  const out = new Uint8Array(packedBytes(values.length, bits));
  for (let i = 0; i < values.length; i++) {
    const at = i * bits;
    const spread = (values[i] & mask) << (at & 7);
    out[at >>> 3] |= spread;
    if (spread > 255) out[(at >>> 3) + 1] |= spread >>> 8;
  }
  return out;
}

/** The first `count` unsigned `bits`-wide integers of `bytes`. Throws RangeError when there are fewer. */
export function unpackUnsigned(bytes: Uint8Array, bits: CodeBits, count: number): Uint8Array {
  if (count * bits > bytes.length * 8) throw new RangeError(`${count} values do not fit`);
  const mask = (1 << bits) - 1;
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * bits;
    const pair = bytes[at >>> 3] | ((bytes[(at >>> 3) + 1] ?? 0) << 8);
    out[i] = (pair >> (at & 7)) & mask;
  }
  return out;
}

/** The same for two's complement values: −8…7 at 4 bits, −2…1 at 2 bits. */
export function unpackSigned(bytes: Uint8Array, bits: CodeBits, count: number): Int8Array {
  const out = new Int8Array(unpackUnsigned(bytes, bits, count).buffer);
  const shift = 32 - bits;
  for (let i = 0; i < count; i++) out[i] = (out[i] << shift) >> shift;
  return out;
}
