import { seededRandom } from '../../src/core/random/seeded.ts';

/** The items in an order decided by (seed, label) alone: Fisher–Yates. */
export function shuffled<T>(items: readonly T[], seed: number, label: string): T[] {
  const random = seededRandom(seed, label);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** A whole number from 0 to `below` − 1. */
export function pick(random: { next(): number }, below: number): number {
  return Math.floor(random.next() * below);
}
