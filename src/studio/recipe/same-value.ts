import { sortedKeys } from './sorted-keys.ts';

/** Whether two values of a recipe say the same: keys may stand in any order. */
export function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, sortedKeys) === JSON.stringify(b, sortedKeys);
}
