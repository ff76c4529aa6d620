const ROUNDING_SHIFT = 1.5 * 2 ** 52;

/**
 * Rounds to the nearest integer, halves to even (IEEE 754 `roundToIntegralTiesToEven`), exact for
 * |x| < 2^51. WHY not Math.round: it rounds halves up, the reference and WASM's `nearest` to even.
 */
export function roundHalfEven(x: number): number {
  return x + ROUNDING_SHIFT - ROUNDING_SHIFT;
}

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/**
 * |x|^2.4 in float32, equal on every machine: x² · (x²)^(1/5), the fifth root by three Newton steps
 * from a guess made of the exponent bits. WHY not Math.pow: engines round it differently, and the
 * clip search decides bytes with it. Relative error below 4e-7 for normal x².
 */
export function power2Point4(x: number): number {
  const f = Math.fround;
  const y = f(x * x);
  if (y < 1e-30) return 0;
  float[0] = y;
  bits[0] = Math.trunc(f(f(bits[0]) * f(0.2))) + 0x32cccccd;
  let t = float[0];
  for (let step = 0; step < 3; step++) {
    const t2 = f(t * t);
    t = f(f(f(t * 4) + f(y / f(t2 * t2))) * f(0.2));
  }
  return f(y * t);
}
