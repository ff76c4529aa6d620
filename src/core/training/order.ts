import { seededRandom } from '../random/seeded.ts';
import { shuffled } from '../random/shuffle.ts';

/**
 * Which examples batch `index` (0, 1, 2 …) holds: every epoch walks all `count` examples once in an order
 * decided by (seed, epoch) alone, so that a resumed run sees what it would have seen. A last batch that
 * is not full is filled from the next epoch.
 */
export function batchIndices(
  index: number,
  size: number,
  count: number,
  seed: number,
): readonly number[] {
  return Array.from({ length: size }, (_, k) => {
    const position = index * size + k;
    return epochOrder(Math.floor(position / count), count, seed)[position % count];
  });
}

const cache = new Map<string, readonly number[]>();

/** Decided by (seed, epoch). The newest few are kept: batches of one epoch follow each other. */
function epochOrder(epoch: number, count: number, seed: number): readonly number[] {
  const key = `${seed} ${epoch} ${count}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const random = seededRandom(seed, `epoch ${epoch}`);
  const order = shuffled(
    Array.from({ length: count }, (_, i) => i),
    random,
  );
  if (cache.size >= 4) cache.clear();
  cache.set(key, order);
  return order;
}
