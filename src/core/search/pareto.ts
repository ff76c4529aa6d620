import type { Better } from '../metrics/types.ts';

export interface Candidate {
  readonly bytes: number;
  readonly value: number;
}

/**
 * The Pareto frontier of size against one measure: every candidate c for which no other d has
 * d.bytes ≤ c.bytes and d.value at least as good, one of them strictly. Ascending by bytes, so the
 * measure gets strictly better along the list; of equal points the first given stays. Candidates
 * whose bytes or value are not finite are left out.
 */
export function paretoFrontier<C extends Candidate>(candidates: readonly C[], better: Better): C[] {
  const sign = better === 'lower' ? 1 : -1;
  const bySize = candidates
    .filter(({ bytes, value }) => Number.isFinite(bytes) && Number.isFinite(value))
    .sort((a, b) => a.bytes - b.bytes || sign * (a.value - b.value));
  const frontier: C[] = [];
  let best = Infinity;
  for (const candidate of bySize) {
    const loss = sign * candidate.value;
    if (loss >= best) continue;
    best = loss;
    frontier.push(candidate);
  }
  return frontier;
}
