/**
 * Codes (one per byte) → little-endian bit stream, 8 codes at a time: out gets `bits` bytes per 8 codes.
 * groups: ⌈codes / 8⌉; the last group's missing codes must be 0 in memory.
 */
export function packBits(codes: usize, groups: i32, bits: i32, out: usize): void {
  const shift = <u64>bits;
  for (let g = 0; g < groups; g++) {
    const x = load<u64>(codes);
    const pairs = (x & 0x00ff00ff00ff00ff) | ((x >> 8 & 0x00ff00ff00ff00ff) << shift);
    const quads = (pairs & 0x0000ffff0000ffff) | ((pairs >> 16 & 0x0000ffff0000ffff) << (shift * 2));
    const word = (quads & 0xffffffff) | (quads >> 32) << (shift * 4);
    if (bits == 4) store<u32>(out, <u32>word);
    else if (bits == 2) store<u16>(out, <u16>word);
    else {
      store<u16>(out, <u16>word);
      store<u8>(out, <u8>(word >> 16), 2);
    }
    codes += 8;
    out += bits;
  }
}

/** Inverse of packBits. */
export function unpackBits(packed: usize, groups: i32, bits: i32, codes: usize): void {
  const shift = <u64>bits;
  const mask = (<u64>1 << shift) - 1;
  for (let g = 0; g < groups; g++) {
    let word: u64 = bits == 4 ? load<u32>(packed) : load<u16>(packed);
    if (bits == 3) word |= <u64>load<u8>(packed, 2) << 16;
    let x: u64 = 0;
    for (let i: u64 = 0; i < 64; i += 8) {
      x |= (word & mask) << i;
      word >>= shift;
    }
    store<u64>(codes, x);
    packed += bits;
    codes += 8;
  }
}
