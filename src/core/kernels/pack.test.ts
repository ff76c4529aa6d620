import { describe, expect, it } from 'vitest';
import { packBits, unpackUnsigned, type CodeBits } from '../tensor/sub-byte.ts';
import { packBlocks, packCodes, packZeros, unpackCodes } from './pack.ts';
import { differing, uniform } from './testing.ts';

const WIDTHS = [2, 3, 4, 8] as const;

function randomCodes(count: number, bits: CodeBits): Uint8Array {
  const next = uniform(count + bits);
  return Uint8Array.from({ length: count }, () => Math.floor(next() * 2 ** bits));
}

describe.each(WIDTHS)('%i bits', (bits) => {
  it.each([0, 1, 7, 8, 9, 1000, 65536, 70001])('%i codes come back', (count) => {
    const codes = randomCodes(count, bits);
    const packed = packCodes(codes, bits);
    expect(packed.length).toBe(Math.ceil((count * bits) / 8));
    expect(differing(packed, packBits(codes, bits))).toBe(0);
    expect(differing(unpackCodes(packed, bits, count), codes)).toBe(0);
    expect(differing(unpackUnsigned(packed, bits, count), codes)).toBe(0);
  });

  it('unpacks with the float32 operators the documentation promises', () => {
    const perWord = { 2: 4, 3: 8, 4: 2, 8: 1 }[bits];
    const bytesPerWord = bits === 3 ? 3 : 1;
    const f = Math.fround;
    const codes = randomCodes(240, bits);
    const packed = packCodes(codes, bits);
    const unpacked = [];
    for (let w = 0; w < packed.length; w += bytesPerWord) {
      let word = 0;
      for (let b = 0; b < bytesPerWord; b++) word = f(word + f(packed[w + b] * 256 ** b));
      for (let i = 0; i < perWord; i++) {
        const shifted = Math.floor(f(word * f(2 ** (-bits * i))));
        unpacked.push(f(shifted - f(2 ** bits * Math.floor(f(shifted * f(2 ** -bits))))));
      }
    }
    expect(unpacked).toEqual([...codes]);
  });
});

describe.each([1, 5, 6, 7] as const)('%i bits', (bits) => {
  it('are a little-endian bit stream', () => {
    const codes = randomCodes(203, bits);
    const packed = packCodes(codes, bits);
    const stream = [...codes].map((c) => BigInt(c)).reduceRight((n, c) => (n << BigInt(bits)) | c);
    const want = Array.from(packed, (_, i) => Number((stream >> BigInt(8 * i)) & 255n));
    expect([...packed]).toEqual(want);
    expect(differing(unpackCodes(packed, bits, 203), codes)).toBe(0);
  });
});

describe('layouts', () => {
  it('4 bits: the low nibble comes first', () => {
    expect([...packCodes(Uint8Array.of(1, 2, 3), 4)]).toEqual([0x21, 0x03]);
  });

  it('2 bits: the lowest pair comes first', () => {
    expect([...packCodes(Uint8Array.of(1, 2, 3, 0, 1), 2)]).toEqual([0b00111001, 0b01]);
  });

  it('3 bits: 8 codes are 24 bits, little-endian', () => {
    const packed = packCodes(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0), 3);
    const word = packed[0] + 256 * packed[1] + 65536 * packed[2];
    expect([...'01234567'].map((_, i) => (word >> (3 * i)) & 7)).toEqual([1, 2, 3, 4, 5, 6, 7, 0]);
  });

  it('blocks are padded with the code that stands for zero', () => {
    const codes = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const [zero, middle] = [Uint8Array.of(9, 7, 9, 6), packBlocks(codes, 2, 3, 2, 4)];
    expect([...packBlocks(codes, 2, 3, 2, 4, zero)]).toEqual([0x21, 0x73, 0x54, 0x66]);
    expect([...middle]).toEqual([0x21, 0x83, 0x54, 0x86]);
  });

  it('zero points are padded row by row', () => {
    expect([...packZeros(Uint8Array.of(1, 2, 3, 4, 5, 6), 2, 3, 4)]).toEqual([
      0x21, 0x03, 0x54, 0x06,
    ]);
  });
});
