import { LatheError } from '../../../errors/lathe-error.ts';
import { packedCholesky, packedInverse, rowStart } from '../../../linalg/packed.ts';
import type { Moments } from '../../../statistics/moments/moments.ts';

/** M with H⁻¹ = MᵀM, lower triangular, packed. */
export interface InverseFactor {
  readonly columns: number;
  readonly values: Float64Array;
  /** Share of the mean diagonal that was added: more than asked where H could not be inverted with that. */
  readonly damping: number;
}

const [LEAST, MOST] = [1e-6, 10];

/**
 * M with (H + λI)⁻¹ = MᵀM, λ = damping·mean(diag H), in float64, H = XᵀX, or with the means m of its columns the
 * moments about them, XᵀX − n·mmᵀ. Damping grows tenfold while H + λI is not positive definite. Throws `moments-singular`.
 */
export function inverseFactor(
  moments: Moments,
  damping: number,
  means?: Float32Array,
): InverseFactor {
  const { columns } = moments;
  for (let share = damping; share <= MOST; share = Math.max(LEAST, 10 * share)) {
    const values = damped(moments, share, means);
    if (!packedCholesky(values, columns)) continue;
    packedInverse(values, columns);
    return { columns, values, damping: share };
  }
  throw new LatheError(
    'moments-singular',
    `The second moments of ${columns} columns could not be inverted, even with ${MOST} times their mean diagonal added to it; check the calibration data, or choose a compensation that inverts nothing.`,
    { columns },
  );
}

function damped(
  { values, columns, rows }: Moments,
  share: number,
  means: Float32Array | undefined,
): Float64Array {
  const packed = new Float64Array(rowStart(columns));
  let trace = 0;
  for (let i = 0; i < columns; i++) {
    const start = rowStart(i);
    for (let j = 0; j <= i; j++) packed[start + j] = values[i * columns + j];
    if (means !== undefined)
      for (let j = 0; j <= i; j++) packed[start + j] -= rows * means[i] * means[j];
    trace += packed[start + i];
  }
  // Of a layer that hears nothing all columns are alike; then the weights alone decide.
  const added = share * (trace > 0 ? trace / columns : 1);
  for (let i = 0; i < columns; i++) packed[rowStart(i) + i] += added;
  return packed;
}
