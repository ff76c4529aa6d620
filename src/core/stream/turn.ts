/** How what is turned is weighed first: rows of P times the gains of a norm, or without their mean. */
export interface Weighing {
  /** [d] */
  readonly gain?: Float32Array | undefined;
  /** M = I − 11ᵀ/d in front: what is written loses its mean over columns, which a layer norm would have taken out. */
  readonly centred?: boolean;
}

/** P [d, k] that turns a residual stream of d columns, x·P, and keeps k of them. */
export interface Turn {
  /** d */
  readonly width: number;
  /** k */
  readonly count: number;
  /** diag(γ)·P or M·P, [d, k]. */
  matrix(weighing?: Weighing): Float64Array;
  /** A tensor [outer, d, inner] along its middle axis: Σ_i t[o,i,n]·(diag(γ) or M · P)[i,k], [outer, k, inner]. */
  along(values: Float32Array, shape: Axes, weighing?: Weighing): Float32Array;
}

/** [outer, width, inner] */
export type Axes = readonly [number, number, number];

/** A turn by a matrix P [width, count]. */
export function turnBy(p: Float64Array, width: number): Turn {
  const count = p.length / width;
  const known = new Map<Float32Array | undefined, Float64Array>();
  const gained = (gain: Float32Array): Float64Array => {
    const made = known.get(gain) ?? p.map((x, at) => x * gain[Math.floor(at / count)]);
    known.set(gain, made);
    return made;
  };
  let centred: Float64Array | undefined;
  const matrix = (weighing: Weighing = {}): Float64Array => {
    if (weighing.centred === true) return (centred ??= centredColumns(p, width));
    return weighing.gain === undefined ? p : gained(weighing.gain);
  };
  return {
    ...{ width, count, matrix },
    along: (values, shape, weighing) => contracted(values, shape, matrix(weighing)),
  };
}

/** M·P: what is written loses its mean over columns. */
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
  [outer, width, inner]: Axes,
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
