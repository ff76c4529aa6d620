/** Seeded uniform numbers in [0, 1) for tests and benchmarks (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seeded standard normal numbers (sum of twelve uniforms: bounded by ±6, enough for kernels). */
export function gaussian(count: number, seed: number): Float32Array {
  const next = uniform(seed);
  return Float32Array.from({ length: count }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += next();
    return sum;
  });
}

/** Correlated activations [rows, columns] with a few loud channels: XᵀX is ill-conditioned like real ones. */
export function activations(rows: number, columns: number, seed: number): Float32Array {
  const mixed = gaussian(rows * columns, seed);
  const common = gaussian(rows * 4, seed + 1);
  const mix = gaussian(4 * columns, seed + 2);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      let value = 0.3 * mixed[r * columns + c];
      for (let k = 0; k < 4; k++) value += common[r * 4 + k] * mix[k * columns + c];
      mixed[r * columns + c] = c % 97 === 5 ? 15 * value : value;
    }
  return mixed;
}

/** How many entries of two arrays differ; all when their lengths do. WHY not toEqual: 30 µs an entry. */
export function differing(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Math.max(a.length, b.length);
  let count = 0;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) count++;
  return count;
}
