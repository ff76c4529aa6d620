import { ratioOfSums, type Estimate } from './estimate.ts';

/** Vectors of as many examples from two models, [count, width] each; the widths may differ. */
export interface EmbeddingPair {
  readonly count: number;
  readonly wanted: Float64Array;
  readonly found: Float64Array;
}

export interface NeighbourMetrics {
  /** Mean share of an example's ten nearest neighbours that stay among the ten. */
  readonly top10: Estimate;
  /** Mean of Spearman's ρ of an example's similarities to all others. */
  readonly rankCorrelation: Estimate;
}

/** Neighbours that are looked at. */
export const NEIGHBOURS = 10;

/**
 * How well the order of neighbours is kept. For each example the cosines to all others are ranked under
 * both models: overlap of the ten nearest, and Spearman's ρ = Pearson's correlation of the ranks (ties
 * share their mean rank). Undefined for {@link NEIGHBOURS} + 1 examples or fewer, where all others are
 * neighbours anyway. O(count²·width).
 */
export function neighbourMetrics(pair: EmbeddingPair): NeighbourMetrics | undefined {
  const { count } = pair;
  if (count <= NEIGHBOURS + 1) return undefined;
  const [a, b] = [normalised(pair.wanted, count), normalised(pair.found, count)];
  const overlaps = new Float64Array(count);
  const correlations = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const [p, q] = [similarities(a, count, i), similarities(b, count, i)];
    overlaps[i] = overlapOfTop(p, q);
    correlations[i] = correlation(ranks(p), ranks(q));
  }
  const ones = new Float64Array(count).fill(1);
  return {
    top10: ratioOfSums(overlaps, ones, count),
    rankCorrelation: ratioOfSums(correlations, ones, count),
  };
}

function normalised(vectors: Float64Array, count: number): Float64Array {
  const width = vectors.length / count;
  const unit = Float64Array.from(vectors);
  for (let row = 0; row < count; row++) {
    const own = unit.subarray(row * width, (row + 1) * width);
    const norm = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    if (norm > 0) own.forEach((value, at) => (own[at] = value / norm));
  }
  return unit;
}

/** Cosines of example i to all others. */
function similarities(unit: Float64Array, count: number, i: number): Float64Array {
  const width = unit.length / count;
  const found = new Float64Array(count - 1);
  let at = 0;
  for (let j = 0; j < count; j++) {
    if (j === i) continue;
    let sum = 0;
    for (let c = 0; c < width; c++) sum += unit[i * width + c] * unit[j * width + c];
    found[at++] = sum;
  }
  return found;
}

function descending(values: Float64Array): number[] {
  return Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
}

function overlapOfTop(p: Float64Array, q: Float64Array): number {
  const kept = new Set(descending(p).slice(0, NEIGHBOURS));
  const again = descending(q)
    .slice(0, NEIGHBOURS)
    .filter((i) => kept.has(i));
  return again.length / NEIGHBOURS;
}

/** Ranks from 0; equal values share the mean of theirs. */
export function ranks(values: Float64Array): Float64Array {
  const order = descending(values);
  const found = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let k = from; k < to; k++) found[order[k]] = (from + to - 1) / 2;
    from = to;
  }
  return found;
}

/** Pearson's correlation; 1 where both sides are constant, 0 where one is. */
function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (a.length - 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += (value - mean) * (b[i] - mean);
    aa += (value - mean) ** 2;
    bb += (b[i] - mean) ** 2;
  });
  if (aa === 0 || bb === 0) return aa === bb ? 1 : 0;
  return ab / Math.sqrt(aa * bb);
}
