/** Scales within this range; the published clamp. */
const CLAMP = [1e-4, 1e4] as const;

/** Columns whose inputs are dead count as this share of the most active one. */
const LEAST = 1e-8;
const TINY = 1e-12;

interface Scaled {
  readonly s: Float64Array;
  readonly loss: number;
}

/** Fixed-point steps of the reference. */
const ITERATIONS = 3;

/** W [rows, columns] in groups of columns. */
export interface Grouped {
  readonly w: Float32Array;
  readonly columns: number;
  readonly groupSize: number;
}

/**
 * s that makes Σ_groups Σ_i (max_j |w_ij|·s_j)² · Σ_j m_j/s_j² small, m_j = E[x_j²]: s = √(√m / √a), where a_j = Σ_i w_ij² at first and
 * then the squares of what is largest in its group, damped by the geometric mean of old and new. The best of all steps; ones where
 * none is better than that. Source: OSCAR (ai-edge-quantizer).
 */
export function channelScales(grouped: Grouped, squares: ArrayLike<number>): Float64Array {
  const { w, columns } = grouped;
  const m = floored(squares);
  const energy = new Float64Array(columns).fill(TINY);
  w.forEach((value, i) => (energy[i % columns] += value * value));
  const candidate = (a: Float64Array): Float64Array =>
    normalised(a.map((each, j) => Math.sqrt(Math.sqrt(m[j]) / Math.sqrt(each))));
  let s = candidate(energy);
  let best: Scaled = { s: new Float64Array(columns).fill(1), loss: scaleLoss(grouped, m) };
  const keep = (): void => {
    const loss = scaleLoss(grouped, m, s);
    if (loss < best.loss) best = { s, loss };
  };
  keep();
  for (let step = 0; step < ITERATIONS; step++) {
    const largest = largestSquares(grouped, s).map((a, j) => Math.max(a, 0.25 * energy[j]));
    const next = candidate(largest);
    s = normalised(s.map((value, j) => Math.sqrt(value * next[j])));
    keep();
  }
  return best.s;
}

function floored(squares: ArrayLike<number>): Float64Array {
  const all = Float64Array.from(squares);
  const most = all.reduce((a, b) => Math.max(a, b), 0);
  return all.map((m) => Math.max(m, most * LEAST + TINY));
}

/** Divided by the geometric mean, then clamped. */
function normalised(s: Float64Array): Float64Array {
  const mean = Math.exp(s.reduce((sum, value) => sum + Math.log(value), 0) / s.length);
  return s.map((value) => Math.min(CLAMP[1], Math.max(CLAMP[0], value / mean)));
}

/** Σ_groups Σ_i (max_j |w_ij|·s_j)² · Σ_j m_j/s_j². */
export function scaleLoss(
  { w, columns, groupSize }: Grouped,
  m: Float64Array,
  s?: Float64Array,
): number {
  let total = 0;
  for (let first = 0; first < columns; first += groupSize) {
    const end = Math.min(columns, first + groupSize);
    let [ranges, mass] = [0, 0];
    for (let row = 0; row < w.length; row += columns) {
      let largest = 0;
      for (let j = first; j < end; j++) {
        largest = Math.max(largest, Math.abs(w[row + j]) * (s === undefined ? 1 : s[j]));
      }
      ranges += largest * largest;
    }
    for (let j = first; j < end; j++) mass += m[j] / (s === undefined ? 1 : s[j] * s[j]);
    total += ranges * mass;
  }
  return total;
}

/** Of each column the squares of those weights that are the largest of their group once they are scaled. */
function largestSquares({ w, columns, groupSize }: Grouped, s: Float64Array): Float64Array {
  const found = new Float64Array(columns);
  for (let row = 0; row < w.length; row += columns) {
    for (let first = 0; first < columns; first += groupSize) {
      let [at, largest] = [first, -1];
      for (let j = first; j < Math.min(columns, first + groupSize); j++) {
        const size = Math.abs(w[row + j]) * s[j];
        if (size > largest) [at, largest] = [j, size];
      }
      found[at] += w[row + at] ** 2;
    }
  }
  return found;
}
