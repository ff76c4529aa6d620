import { symmetricEigen } from '../../../linalg/eigen.ts';

/** G [d, d]: what flows through the stream, summed over all places. */
export interface StreamGram {
  readonly values: Float64Array;
  readonly width: number;
}

/**
 * Σ_l G_l / tr(G_l) of the second moments at several places of the stream, so that none counts more for being
 * larger. `centred`: of the stream without its mean over columns, M·G·M with M = I − 11ᵀ/d.
 */
export function streamGram(
  moments: readonly { readonly values: ArrayLike<number> }[],
  width: number,
  centred: boolean,
): StreamGram {
  const sum = new Float64Array(width * width);
  for (const { values } of moments) {
    const own = Float64Array.from(values);
    if (centred) centre(own, width);
    const trace = traceOf(own, width);
    if (trace > 0) for (let i = 0; i < sum.length; i++) sum[i] += own[i] / trace;
  }
  return { values: sum, width };
}

function traceOf(values: Float64Array, width: number): number {
  let trace = 0;
  for (let i = 0; i < width; i++) trace += values[i * width + i];
  return trace;
}

/** M·G·M in place. */
function centre(values: Float64Array, width: number): void {
  for (const [along, across] of [
    [1, width],
    [width, 1],
  ]) {
    for (let i = 0; i < width; i++) {
      let mean = 0;
      for (let j = 0; j < width; j++) mean += values[i * across + j * along] / width;
      for (let j = 0; j < width; j++) values[i * across + j * along] -= mean;
    }
  }
}

/**
 * P [d, k]: the stream's coordinates x·P that stay. 'one': the first k principal components of the Gram; 'none': the
 * k columns of most energy, as they are.
 */
export function projection(
  { values, width }: StreamGram,
  count: number,
  rotation: 'one' | 'none',
): Float64Array {
  const columns = new Float64Array(width * count);
  if (rotation === 'none') {
    const energy = Array.from({ length: width }, (_, i) => [values[i * width + i], i] as const);
    energy.sort(([a, i], [b, j]) => b - a || i - j);
    const kept = energy.slice(0, count).map(([, i]) => i);
    kept.sort((a, b) => a - b).forEach((i, at) => (columns[i * count + at] = 1));
    return columns;
  }
  const { vectors } = symmetricEigen(values, width);
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < count; k++) columns[i * count + k] = vectors[i * width + k];
  }
  return columns;
}
