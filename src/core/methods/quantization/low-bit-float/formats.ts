import { fixedTable, FP4, NF4, type FixedTable } from '../../../encodings/index.ts';
import { FLOAT4_E2M1, FLOAT6, FLOAT8 } from '../../../tensor/float8.ts';
import { decodeMiniFloat, type MiniFloat } from '../../../tensor/mini-float.ts';
import type { Ties } from '../nearest.ts';

/** Numbers of few bits that are close together around zero. */
export interface Format {
  readonly bits: 4 | 6 | 8;
  /** What codes stand for in units of a power-of-two scale, or of none. */
  readonly plain: FixedTable;
  /** The same over a power of two, so that scales are about as large as weights and fit a half. */
  readonly scaled: FixedTable;
  /** max |w| of a block over its scale. */
  readonly top: number;
  /** The largest exponent: power-of-two scales are 2^(⌊log₂ max|w|⌋ − this) (OCP Microscaling 1.0, 6.3). */
  readonly exponent: number;
  readonly ties: Ties;
}

/** Floating point with a sign. Codes that mean ∞ or NaN are never written: they stand for the largest number here. */
function miniFloat(name: string, format: MiniFloat): Format {
  const { bits, max } = format;
  const exponent = Math.floor(Math.log2(max));
  const unit = 2 ** -(exponent + 1);
  const values = Array.from({ length: 2 ** bits }, (_, code) => {
    const value = decodeMiniFloat(format, code);
    return Number.isFinite(value) ? value : code < 2 ** (bits - 1) ? max : -max;
  });
  return {
    ...{ bits, exponent, ties: 'even' },
    plain: fixedTable(name, values),
    scaled: fixedTable(
      `${name}_unit`,
      values.map((value) => value * unit),
    ),
    top: max * unit,
  };
}

/** A table in [−1, 1]. WHY the exponent −1: a power of two that is not below the largest weight. */
function unitTable(table: FixedTable): Format {
  return { bits: 4, plain: table, scaled: table, top: 1, exponent: -1, ties: 'lower' };
}

export const FORMATS = {
  'fp8-e4m3': miniFloat('e4m3', FLOAT8.e4m3fn),
  'fp8-e5m2': miniFloat('e5m2', FLOAT8.e5m2),
  'fp6-e2m3': miniFloat('e2m3', FLOAT6.e2m3),
  'fp6-e3m2': miniFloat('e3m2', FLOAT6.e3m2),
  'fp4-e2m1': miniFloat('e2m1', FLOAT4_E2M1),
  fp4: unitTable(FP4),
  nf4: unitTable(NF4),
} as const satisfies Record<string, Format>;
