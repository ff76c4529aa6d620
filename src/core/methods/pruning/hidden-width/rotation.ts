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

/** M·P: what is written loses its mean over columns, which a layer norm would have taken out. */
export function centredColumns(p: Float64Array, width: number): Float64Array {
  const count = p.length / width;
  const out = p.slice();
  for (let k = 0; k < count; k++) {
    let mean = 0;
    for (let i = 0; i < width; i++) mean += p[i * count + k] / width;
    for (let i = 0; i < width; i++) out[i * count + k] -= mean;
  }
  return out;
}

/**
 * A tensor [outer, d, inner] contracted along its middle axis with P [d, k]: [outer, k, inner], in float64 sums.
 */
export function contracted(
  values: Float32Array,
  [outer, width, inner]: readonly [number, number, number],
  p: Float64Array,
): Float32Array {
  const count = p.length / width;
  const out = new Float32Array(outer * count * inner);
  const sums = new Float64Array(count * inner);
  for (let o = 0; o < outer; o++) {
    sums.fill(0);
    for (let i = 0; i < width; i++) {
      const row = (o * width + i) * inner;
      for (let k = 0; k < count; k++) {
        const factor = p[i * count + k];
        if (factor === 0) continue;
        for (let j = 0; j < inner; j++) sums[k * inner + j] += factor * values[row + j];
      }
    }
    out.set(sums, o * count * inner);
  }
  return out;
}
