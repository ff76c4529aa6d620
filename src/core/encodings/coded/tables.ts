import { e8m0ToFloat32, FLOAT4_E2M1 } from '../../tensor/float8.ts';
import { miniFloatTable } from '../../tensor/mini-float.ts';
import type { FixedTable } from '../types.ts';

/** A table of constants; the same name must always mean the same values, because a model stores it once. */
export function fixedTable(name: string, values: ArrayLike<number>): FixedTable {
  return { shared: 'fixed', name, values: Float32Array.from(values) };
}

/** NormalFloat-4 (QLoRA, Dettmers et al. 2023, appendix E): quantiles of the normal distribution in [−1, 1]. */
export const NF4 = fixedTable(
  'nf4',
  [
    -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
    0.7229568362236023, 1,
  ],
);

/** bitsandbytes' 4-bit float, scaled to [−1, 1]; the codes are its bit patterns. */
export const FP4 = fixedTable(
  'fp4',
  [1, -1].flatMap((sign) =>
    [0, 0.0625, 8, 12, 4, 6, 2, 3].map((twelfths) => (sign * twelfths) / 12),
  ),
);

/** The 4-bit float of OCP Microscaling (MXFP4): 0, ½, 1, 1½, 2, 3, 4, 6 and their negatives. */
export const E2M1 = fixedTable('e2m1', miniFloatTable(FLOAT4_E2M1));

/** The scale of OCP Microscaling: 2^(code − 127); 255 is NaN. */
export const E8M0 = fixedTable(
  'e8m0',
  e8m0ToFloat32(Uint8Array.from({ length: 256 }, (_, code) => code)),
);

/** The two signs: code 0 is −1, code 1 is +1 (binary-coded weights). */
export const SIGNS = fixedTable('signs', [-1, 1]);
