import type { Decision } from '../../core/report/types.ts';

/** What a decision found each layer to lose alone, by name. */
export function layerLosses(decisions: readonly Decision[] = []): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { losses, rows } of decisions.flatMap(({ tables }) => tables)) {
    if (losses === undefined) continue;
    for (const row of rows) {
      const loss = row[losses.loss];
      if (typeof loss !== 'number') continue;
      for (const name of String(row[losses.layers]).split(', ')) found.set(name, loss);
    }
  }
  return found;
}
