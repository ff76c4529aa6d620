import type { FfnNeuronsOptions } from './meta.ts';
import { empties } from './widths.ts';

/** Neurons of one layer that go together, so that what is left is a multiple. */
interface Batch {
  readonly layer: number;
  readonly size: number;
  /** Mean score. */
  readonly score: number;
}

/**
 * How many neurons stay in each layer when the lowest `ratio` of all goes: in batches that keep widths multiples, each
 * with the mean of its scores, the lowest first, never the last batch of a layer. Throws `ratio-empties`.
 */
export function shareOut(
  scores: readonly Float64Array[],
  { ratio, multiple }: Pick<FfnNeuronsOptions, 'ratio' | 'multiple'>,
): number[] {
  const widths = scores.map(({ length }) => length);
  const total = widths.reduce((a, b) => a + b, 0);
  if (Math.round((1 - ratio) * total) < scores.length) throw empties(ratio, total, 'the layers');
  const batches = scores.flatMap((own, layer) => batchesOf(own, layer, multiple));
  batches.sort((a, b) => a.score - b.score || a.layer - b.layer);
  let left = ratio * total;
  for (const { layer, size } of batches) {
    if (left < size / 2) break;
    widths[layer] -= size;
    left -= size;
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
