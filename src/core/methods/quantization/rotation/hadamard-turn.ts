import type { Axes, Turn, Weighing } from '../../../stream/index.ts';

/** Columns of `inner` that are turned together. */
const CHUNK = 64;

/**
 * The turn by Q = diag(signs)·(H ⊗ O)/√b, H the Sylvester–Hadamard matrix of size b = d / m, O orthogonal [m, m]: d·(log₂ b + m)
 * operations for each column instead of d², in float64.
 */
export function hadamardTurn(signs: Float64Array, o: Float64Array, m: number): Turn {
  const width = signs.length;
  const turn = (slab: Float64Array, inner: number): void => {
    butterflies(slab, m * inner);
    mixed(slab, o, m, inner);
  };
  const weighed = (i: number, { gain }: Weighing): number => signs[i] * (gain?.[i] ?? 1);
  const along = (
    values: ArrayLike<number>,
    out: Float32Array | Float64Array,
    [outer, , inner]: Axes,
    weighing: Weighing,
  ): void => {
    for (let o = 0; o < outer; o++) {
      for (let from = 0; from < inner; from += CHUNK) {
        const n = Math.min(CHUNK, inner - from);
        const slab = new Float64Array(width * n);
        const at = (i: number): number => (o * width + i) * inner + from;
        for (let i = 0; i < width; i++) {
          for (let j = 0; j < n; j++) slab[i * n + j] = values[at(i) + j];
        }
        if (weighing.centred === true) centre(slab, width, n);
        for (let i = 0; i < width; i++) {
          const factor = weighed(i, weighing);
          for (let j = 0; j < n; j++) slab[i * n + j] *= factor;
        }
        turn(slab, n);
        for (let i = 0; i < width; i++) {
          for (let j = 0; j < n; j++) out[at(i) + j] = slab[i * n + j];
        }
      }
    }
  };
  return {
    ...{ width, count: width },
    matrix: (weighing = {}) => {
      const eye = new Float64Array(width * width);
      for (let i = 0; i < width; i++) eye[i * width + i] = 1;
      const out = new Float64Array(width * width);
      // diag(γ)·P is I·diag(γ)·P, row by row.
      along(eye, out, [width, width, 1], weighing);
      return out;
    },
    along: (values, shape, weighing = {}) => {
      const out = new Float32Array(values.length);
      along(values, out, shape, weighing);
      return out;
    },
  };
}

/** H along the first axis of [b, stride], over √b. */
function butterflies(slab: Float64Array, stride: number): void {
  for (let half = stride; half < slab.length; half *= 2) {
    for (let block = 0; block < slab.length; block += 2 * half) {
      for (let i = block; i < block + half; i++) {
        const [a, b] = [slab[i], slab[i + half]];
        slab[i] = a + b;
        slab[i + half] = a - b;
      }
    }
  }
  const scale = 1 / Math.sqrt(slab.length / stride);
  for (let i = 0; i < slab.length; i++) slab[i] *= scale;
}

/** y[b',j] = Σ_b x[b,j]·O[b,b'] in each part of m rows. */
function mixed(slab: Float64Array, o: Float64Array, m: number, inner: number): void {
  if (m === 1) return;
  const part = new Float64Array(m * inner);
  for (let start = 0; start < slab.length; start += part.length) {
    part.fill(0);
    for (let b = 0; b < m; b++) {
      for (let to = 0; to < m; to++) {
        const factor = o[b * m + to];
        const [from, at] = [start + b * inner, to * inner];
        for (let j = 0; j < inner; j++) part[at + j] += factor * slab[from + j];
      }
    }
    slab.set(part, start);
  }
}

/** Each column of [width, n] without its mean. */
function centre(slab: Float64Array, width: number, n: number): void {
  for (let j = 0; j < n; j++) {
    let mean = 0;
    for (let i = 0; i < width; i++) mean += slab[i * n + j] / width;
    for (let i = 0; i < width; i++) slab[i * n + j] -= mean;
  }
}
