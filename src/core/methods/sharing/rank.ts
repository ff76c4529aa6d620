import type { Refusal } from '../contract.ts';

/** What a rank costs: numbers of the factors that are each weight's own, of the shared one, and of all weights whole. */
export interface RankCost {
  readonly own: number;
  readonly shared: number;
  readonly whole: number;
}

/**
 * The rank r = ⌊ratio · whole / (own + shared)⌋, at least 1, or the one that is asked for, if it saves anything: its factors take
 * r · (own + shared) numbers, which is `whole` at break-even.
 */
export function rankBelow(
  { own, shared, whole }: RankCost,
  { ratio, rank }: { readonly ratio: number; readonly rank?: number | undefined },
  name: string,
): number | Refusal {
  const even = whole / (own + shared);
  const wanted = rank ?? Math.max(1, Math.floor(ratio * even + 1e-9));
  if (wanted < even) return wanted;
  return {
    refused: `Of "${name}" factors of rank ${wanted} take no fewer bytes than the weight itself: only below rank ${Math.ceil(even * 100) / 100} is anything saved, so it was left as it is.`,
  };
}
