import { fixedTable, type FixedTable } from '../../../encodings/index.ts';

/** Widths that a slice can have, ascending. */
export const WIDTHS = [2, 3, 4, 5, 6, 8] as const;

export type Width = (typeof WIDTHS)[number];

/**
 * v_n(c) = (2c + 1 − 2ⁿ) / 2ⁿ, the middle of the c-th of 2ⁿ equal parts of [−1, 1]. WHY middles: leaving out the last
 * bit of a code joins two parts to one, so the nearest value at n bits is the top of the nearest code at any more, and
 * all widths share one scale. Exact in float32, as is the step of half a part by which a cut without it would be off.
 */
export function nestedTable(bits: Width): FixedTable {
  const count = 2 ** bits;
  const values = Array.from({ length: count }, (_, code) => (2 * code + 1 - count) / count);
  return fixedTable(`nested_${bits}`, values);
}

/** The top `bits` of codes of `parent` bits: code_n = code >> (parent − n). */
export function topBits(codes: Uint8Array, parent: Width, bits: Width): Uint8Array {
  return parent === bits ? codes : codes.map((code) => code >> (parent - bits));
}

/** max|w| in units of the scale: the largest weight is the last value of the parent's grid. */
export function reach(parent: Width): number {
  return 1 - 2 ** -parent;
}

/** x with w = s·v(x): where a weight lies among the parent's codes. */
export function position(weight: number, scale: number, parent: Width): number {
  return scale === 0 ? 2 ** (parent - 1) - 0.5 : (weight / scale + 1) * 2 ** (parent - 1) - 0.5;
}

/** The code whose part a position lies in. */
export function nearestCode(at: number, parent: Width): number {
  return Math.min(2 ** parent - 1, Math.max(0, Math.floor(at + 0.5)));
}
