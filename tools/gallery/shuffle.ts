import { seededRandom } from '../../src/core/random/seeded.ts';
import { shuffled as shuffledBy } from '../../src/core/random/shuffle.ts';

/** The items in an order decided by (seed, label) alone. */
export function shuffled<T>(items: readonly T[], seed: number, label: string): T[] {
  return shuffledBy(items, seededRandom(seed, label));
}

/** A whole number from 0 to `below` − 1. */
export function pick(random: { next(): number }, below: number): number {
  return Math.floor(random.next() * below);
}
