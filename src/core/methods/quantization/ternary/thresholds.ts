/** Three values of a block: w ≈ α·t + μ, t ∈ {−1, 0, 1}. */
export interface Values {
  readonly alpha: number;
  readonly mu: number;
}

/** Chooses t, written as t + 1, and the values of one block. */
export type Ternarise = (block: Float32Array, codes: Uint8Array) => Values;

/** Ternary Weight Networks (Li et al. 2016), eq. 6: Δ = 0.7·mean|w|, α the mean of the |w| above it. */
export const twn: Ternarise = (block, codes) => {
  let sum = 0;
  for (const w of block) sum += Math.abs(w);
  return above((0.7 * sum) / block.length, block, codes);
};

/**
 * The symmetric ternary values of least Σ(w − α·t)²: with the k largest |w| kept it is Σw² − (Σ_k |w|)² / k, so the
 * best of all k is found in one pass over the sorted sizes.
 */
export const optimal: Ternarise = (block, codes) => {
  const sizes = block.map(Math.abs).sort();
  let [sum, best, threshold] = [0, 0, Infinity];
  for (let i = sizes.length - 1; i >= 0; i--) {
    sum += sizes[i];
    const gain = (sum * sum) / (sizes.length - i);
    if (gain > best) [best, threshold] = [gain, sizes[i]];
  }
  return atLeast(threshold, block, codes);
};

function above(delta: number, block: Float32Array, codes: Uint8Array): Values {
  return kept((size) => size > delta, block, codes);
}

function atLeast(delta: number, block: Float32Array, codes: Uint8Array): Values {
  return kept((size) => size >= delta, block, codes);
}

function kept(keep: (size: number) => boolean, block: Float32Array, codes: Uint8Array): Values {
  let [sum, count] = [0, 0];
  for (let i = 0; i < block.length; i++) {
    const size = Math.abs(block[i]);
    codes[i] = 1;
    if (!keep(size)) continue;
    codes[i] = block[i] < 0 ? 0 : 2;
    sum += size;
    count++;
  }
  return { alpha: count === 0 ? 0 : sum / count, mu: 0 };
}

/** Rounds after which codes have always stopped changing in practice. */
const MOST_ROUNDS = 50;

/**
 * Iterative ternary fitting (PT²-LLM, Yan et al. 2025): from μ = mean w and Δ = 0.75·mean|w − μ|, in turn the α and μ of
 * least squares for t, and the nearest t for them. The error never rises; it ends where no t changes.
 */
export const alternating: Ternarise = (block, codes) => {
  let values = start(block, codes);
  for (let round = 0; round < MOST_ROUNDS && nearest(block, values, codes); round++)
    values = leastSquares(block, codes, values);
  return values;
};

function start(block: Float32Array, codes: Uint8Array): Values {
  const mean = block.reduce((sum, w) => sum + w, 0) / block.length;
  const spread = block.reduce((sum, w) => sum + Math.abs(w - mean), 0) / block.length;
  const delta = 0.75 * spread;
  block.forEach((w, i) => (codes[i] = codeOf(w - mean, delta)));
  return leastSquares(block, codes, { alpha: 0, mu: mean });
}

function codeOf(distance: number, delta: number): number {
  if (distance > delta) return 2;
  return distance < -delta ? 0 : 1;
}

/** α and μ of least Σ(w − α·t − μ)². Where all t are equal α is free, and stays. */
function leastSquares(block: Float32Array, codes: Uint8Array, before: Values): Values {
  let [t, tt, w, tw] = [0, 0, 0, 0];
  for (let i = 0; i < block.length; i++) {
    const sign = codes[i] - 1;
    t += sign;
    tt += sign * sign;
    w += block[i];
    tw += sign * block[i];
  }
  const n = block.length;
  const determinant = n * tt - t * t;
  const alpha = determinant === 0 ? before.alpha : (n * tw - t * w) / determinant;
  return { alpha, mu: (w - alpha * t) / n };
}

/** Writes the nearest codes, and says whether any changed. */
function nearest(block: Float32Array, { alpha, mu }: Values, codes: Uint8Array): boolean {
  let changed = false;
  for (let i = 0; i < block.length; i++) {
    const code = codeOf(block[i] - mu, alpha / 2);
    changed ||= code !== codes[i];
    codes[i] = code;
  }
  return changed;
}
