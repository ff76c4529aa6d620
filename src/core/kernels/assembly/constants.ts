// WHY constants are loaded from memory: V8 builds a v128.const anew at every use, inside loops too (four
// instructions on x86); a broadcast load is one, and what the optimiser cannot see it cannot fold back.

const TABLE = memory.data<f32>([
  12582912, // 0: 1.5·2^23, rounds to an integer
  1.44269504088896341, // 4: 1/ln 2
  0.693359375, // 8: ln 2, upper part
  -2.1219444e-4, // 12: ln 2, lower part
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, // 16…36: expf
  1, // 40
  8388735, // 44: 2^23 + 127
  2.48015873e-5, 1.98412698e-4, 1.38888889e-3, 8.33333333e-3, 4.16666667e-2, 1.66666667e-1, 0.5, // 48…72: 1/8!…1/2!
  0.2, // 76
  4, // 80
  1e-30, // 84
  2097152, // 88: 2^21
]);

const INTEGERS = memory.data<i32>([0x4b400000, 0x000f000f, 0x00100001, 0x32cccccd, 0x7fffffff]);

// @ts-ignore: decorator
@inline
export function float4(offset: usize): v128 {
  return v128.load_splat<f32>(TABLE + offset);
}

// @ts-ignore: decorator
@inline
export function int4(offset: usize): v128 {
  return v128.load_splat<i32>(INTEGERS + offset);
}
