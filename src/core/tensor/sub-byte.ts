/** Packed 4- and 2-bit integers as ONNX stores them: the first element in the lowest bits of a byte. */
export type SubByteBits = 2 | 4;

/**
 * Packs `bits`-wide integers, first one lowest; only the low bits of each value are used, so signed
 * and unsigned values pack alike. The last byte is padded with zero bits. Returns ⌈n·bits/8⌉ bytes.
 */
export function packBits(values: Int8Array | Uint8Array, bits: SubByteBits): Uint8Array {
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const out = new Uint8Array(Math.ceil(values.length / perByte));
  for (let i = 0; i < values.length; i++) {
    out[Math.floor(i / perByte)] |= (values[i] & mask) << ((i % perByte) * bits);
  }
  return out;
}

/** The first `count` unsigned `bits`-wide integers of `bytes`. Throws RangeError when there are fewer. */
export function unpackUnsigned(bytes: Uint8Array, bits: SubByteBits, count: number): Uint8Array {
  const perByte = 8 / bits;
  if (count > bytes.length * perByte) throw new RangeError(`${count} values do not fit`);
  const mask = (1 << bits) - 1;
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    out[i] = (bytes[Math.floor(i / perByte)] >> ((i % perByte) * bits)) & mask;
  }
  return out;
}

/** The same for two's complement values: −8…7 at 4 bits, −2…1 at 2 bits. */
export function unpackSigned(bytes: Uint8Array, bits: SubByteBits, count: number): Int8Array {
  const out = new Int8Array(unpackUnsigned(bytes, bits, count).buffer);
  const shift = 32 - bits;
  for (let i = 0; i < count; i++) out[i] = (out[i] << shift) >> shift;
  return out;
}
