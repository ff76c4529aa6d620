export interface Candidate {
  readonly bytes: number;
  readonly value: number;
}

/**
 * The candidates no other one beats: nothing is at most as large and better, or smaller and at
 * least as good. Returned by ascending size, equal points once.
 */
export function paretoFrontier<C extends Candidate>(
  candidates: readonly C[],
  better: 'lower' | 'higher',
): C[] {
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
