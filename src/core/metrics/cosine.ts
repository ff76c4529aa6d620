import { ratioOfSums, type Estimate } from './estimate.ts';

/** a·b / (‖a‖‖b‖) of two vectors; 1 when both are zero, 0 when one is. */
export function cosineSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  if (aa === 0 || bb === 0) return aa === bb ? 1 : 0;
  return dot / Math.sqrt(aa * bb);
}

/** Mean cosine over examples; `cosines` [examples]. */
export function meanCosine(cosines: ArrayLike<number>): Estimate {
  return ratioOfSums(cosines, new Float64Array(cosines.length).fill(1), cosines.length);
}
