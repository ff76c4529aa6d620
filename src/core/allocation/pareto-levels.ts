import type { Level } from './upgrades.ts';

/** A level and which of its item's it is. */
export interface Ranked extends Level {
  readonly level: number;
}

/** Levels that no other of the item beats on both: by rising cost, their errors falling. Of equals the first. */
export function paretoLevels(levels: readonly Level[]): readonly Ranked[] {
  let lowest = Infinity;
  return levels
    .map(({ cost, error }, level) => ({ cost, error, level }))
    .sort((a, b) => a.cost - b.cost || a.error - b.error || a.level - b.level)
    .filter(({ error }) => error < lowest && ((lowest = error), true));
}
