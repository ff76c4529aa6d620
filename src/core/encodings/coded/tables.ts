import type { FixedTable } from '../types.ts';

function fixed(name: string, values: readonly number[]): FixedTable {
  return { shared: 'fixed', name, values: Float32Array.from(values) };
}

/** NormalFloat-4 (QLoRA, Dettmers et al. 2023, appendix E): quantiles of the normal distribution in [−1, 1]. */
export const NF4 = fixed(
  'nf4',
  [
    -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
    0.7229568362236023, 1,
  ],
);

/** bitsandbytes' 4-bit float, scaled to [−1, 1]. */
export const FP4 = fixed(
  'fp4',
  [1, -1].flatMap((sign) =>
    [0, 0.0625 / 12, 8 / 12, 12 / 12, 4 / 12, 6 / 12, 2 / 12, 3 / 12].map((v) => sign * v),
  ),
);

/** The two signs: code 0 is −1, code 1 is +1 (binary-coded weights). */
export const SIGNS = fixed('signs', [-1, 1]);
