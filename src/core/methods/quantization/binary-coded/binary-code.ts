/** w ≈ Σ_p ±α_p. */
export interface Planes {
  readonly count: number;
  /** How often α and signs are chosen again. */
  readonly iterations: number;
}

/**
 * Factors of one block, and its signs as codes: bit p says whether α_p is added. Greedy first (each plane the signs of what is
 * left, α its mean size), then in turn the α of least squares for the signs and the nearest of the 2^planes sums for them
 * (Xu et al. 2018, "Alternating Multi-bit Quantization"). Never raises Σ(w − ŵ)².
 */
export function binaryCode(
  block: Float32Array,
  codes: Uint8Array,
  { count, iterations }: Planes,
): Float64Array {
  let alphas = greedy(block, codes, count);
  for (let round = 0; round < iterations; round++) {
    const refit = leastSquares(block, codes, count);
    if (refit === undefined) break;
    alphas = refit;
    if (!assignNearest(block, codes, alphas)) break;
  }
  return alphas;
}

function greedy(block: Float32Array, codes: Uint8Array, count: number): Float64Array {
  const alphas = new Float64Array(count);
  const left = Float64Array.from(block);
  codes.fill(0);
  for (let p = 0; p < count; p++) {
    let sum = 0;
    for (const rest of left) sum += Math.abs(rest);
    const alpha = sum / left.length;
    alphas[p] = alpha;
    for (let i = 0; i < left.length; i++) {
      if (left[i] >= 0) codes[i] |= 1 << p;
      left[i] -= left[i] >= 0 ? alpha : -alpha;
    }
  }
  return alphas;
}

/**
 * α of least Σ(w − Σ ±α_p)². All that signs say is how many weights have a code and what these add up to. Undefined where
 * planes say the same in all codes there are, so that no one α is best.
 */
function leastSquares(
  block: Float32Array,
  codes: Uint8Array,
  count: number,
): Float64Array | undefined {
  const counts = new Float64Array(2 ** count);
  const sums = new Float64Array(2 ** count);
  for (let i = 0; i < block.length; i++) {
    counts[codes[i]]++;
    sums[codes[i]] += block[i];
  }
  const system = Array.from({ length: count }, () => new Float64Array(count + 1));
  for (let code = 0; code < counts.length; code++)
    for (let p = 0; p < count; p++) {
      const sign = signOf(code, p);
      system[p][count] += sign * sums[code];
      for (let q = 0; q < count; q++) system[p][q] += sign * signOf(code, q) * counts[code];
    }
  return solve(system, count, 1e-9 * block.length);
}

function signOf(code: number, plane: number): number {
  return (code >> plane) & 1 ? 1 : -1;
}

/** Gauss and Jordan with pivots; undefined where one is below `least`. */
function solve(system: Float64Array[], count: number, least: number): Float64Array | undefined {
  for (let p = 0; p < count; p++) {
    let pivot = p;
    for (let q = p; q < count; q++)
      if (Math.abs(system[q][p]) > Math.abs(system[pivot][p])) pivot = q;
    [system[p], system[pivot]] = [system[pivot], system[p]];
    const own = system[p];
    if (Math.abs(own[p]) <= least) return undefined;
    for (const [q, row] of system.entries()) {
      if (q === p) continue;
      const factor = row[p] / own[p];
      for (let c = p; c <= count; c++) row[c] -= factor * own[c];
    }
  }
  return Float64Array.from(system, (row, p) => row[count] / row[p]);
}

/** Σ ±α_p of every code. */
export function sumsOf(alphas: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: 2 ** alphas.length }, (_, code) => {
    let sum = 0;
    for (let p = 0; p < alphas.length; p++) sum += signOf(code, p) * alphas[p];
    return sum;
  });
}

/** Writes the codes of the nearest sums, and says whether any changed. */
export function assignNearest(
  block: Float32Array,
  codes: Uint8Array,
  alphas: ArrayLike<number>,
): boolean {
  const sums = sumsOf(alphas);
  const order = Uint8Array.from(sums, (_, code) => code).sort((a, b) => sums[a] - sums[b] || a - b);
  const middles = new Float64Array(order.length - 1);
  for (let i = 0; i < middles.length; i++) middles[i] = (sums[order[i]] + sums[order[i + 1]]) / 2;
  const half = order.length / 2;
  let changed = false;
  for (let i = 0; i < block.length; i++) {
    let at = 0;
    for (let step = half; step >= 1; step /= 2) if (block[i] > middles[at + step - 1]) at += step;
    const code = order[at];
    if (code === codes[i]) continue;
    codes[i] = code;
    changed = true;
  }
  return changed;
}
