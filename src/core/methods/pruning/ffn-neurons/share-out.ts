import type { FfnNeuronsOptions } from './meta.ts';

/** Neurons of one layer that go together, so that what is left is a multiple. */
interface Batch {
  readonly layer: number;
  readonly size: number;
  /** Mean score. */
  readonly score: number;
}

/** The neurons of one layer. */
export interface Ranked {
  /** Comparable with those of the other layers. */
  readonly scores: Float64Array;
  /** Bytes of one neuron. */
  readonly cost: number;
}

/**
 * How many neurons stay in each layer when the lowest go until `ratio` of all bytes is gone: in batches that keep
 * widths multiples, each with the mean of its scores, never the last batch of a layer.
 */
export function shareOut(
  layers: readonly Ranked[],
  { ratio, multiple }: Pick<FfnNeuronsOptions, 'ratio' | 'multiple'>,
): number[] {
  const widths = layers.map(({ scores }) => scores.length);
  const total = layers.reduce((sum, { scores, cost }) => sum + scores.length * cost, 0);
  const batches = layers.flatMap(({ scores }, layer) => batchesOf(scores, layer, multiple));
  batches.sort((a, b) => a.score - b.score || a.layer - b.layer);
  let left = ratio * total;
  for (const { layer, size } of batches) {
    // Not "> 0": what rounding leaves of the last neuron is none.
    if (left < layers[layer].cost * 1e-6) break;
    widths[layer] -= size;
    left -= size * layers[layer].cost;
  }
  return widths;
}

/** All but the best: the first batch is what the width is above a multiple. Scores rise from batch to batch. */
function batchesOf(scores: Float64Array, layer: number, multiple: number): Batch[] {
  const sorted = [...scores].sort((a, b) => a - b);
  const batches: Batch[] = [];
  let from = 0;
  let size = sorted.length % multiple || multiple;
  while (from + size < sorted.length) {
    const own = sorted.slice(from, from + size);
    batches.push({ layer, size, score: own.reduce((a, b) => a + b, 0) / size });
    from += size;
    size = multiple;
  }
  return batches;
}
