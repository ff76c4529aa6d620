import { middleCode, type Bits } from '../../kernels/uniform.ts';

/** code − 2^(bits−1) in two's complement of `bits` bits: flipping the top bit. */
export function centre(codes: Uint8Array, bits: Bits): Uint8Array {
  return codes.map((code) => code ^ middleCode(bits));
}
