import type { AttentionCore } from './core.ts';
import { matchFeedForward } from './feed-forward.ts';
import type { FeedForward } from './feed-forward.ts';
import { findFusedAttention } from './fused-attention.ts';
import type { Linear } from './linear.ts';
import { findFusedMixtures, findMixtures } from './mixture.ts';
import type { FusedMixture, Mixture } from './mixture.ts';
import type { Parts } from './parts.ts';
import { findProjections } from './projections.ts';
import type { Projections } from './projections.ts';
import { findJoin } from './residual.ts';
import type { Join } from './residual.ts';
import { findSoftmaxAttention } from './softmax-attention.ts';

export interface Attention {
  readonly core: AttentionCore;
  readonly around: Projections;
}

/** One attention or feed-forward part with the place where it joins the stream. */
export type Branch = { readonly join: Join } & (
  | ({ readonly kind: 'attention' } & Attention)
  | {
      readonly kind: 'feed-forward';
      readonly feedForward: FeedForward;
      /** Set for an expert: the mixture it belongs to. */
      readonly mixture?: Mixture;
    }
);

export interface FoundBranches {
  readonly attentions: readonly Attention[];
  readonly branches: readonly Branch[];
  readonly fusedMixtures: readonly FusedMixture[];
}

/** Finds all attention and feed-forward parts, and those of them that hang on a residual stream. */
export function findBranches(parts: Parts): FoundBranches {
  const { view, dimsOf } = parts;
  const cores = [...findSoftmaxAttention(view), ...findFusedAttention(view, dimsOf)];
  const attentions = cores.map((core) => ({ core, around: findProjections(parts, core) }));
  const taken = new Set(attentions.flatMap(({ around }) => allOf(around)));
  const candidates = parts.found.linears.flatMap((down) => {
    const found = taken.has(down) ? undefined : matchFeedForward(parts, down, taken);
    return found ? [found] : [];
  });
  const ends = new Set<Linear>([
    ...attentions.flatMap(({ around }) => around.output),
    ...candidates.map(({ down }) => down),
  ]);
  const join = (end: Linear | undefined) => end && findJoin(parts, end, ends);
  const branches: Branch[] = [];
  for (const attention of attentions) {
    const joined = join(attention.around.output[0]);
    if (joined) branches.push({ kind: 'attention', join: joined, ...attention });
  }
  const mixtures = findMixtures(parts, candidates);
  for (const feedForward of candidates) {
    const mixture = mixtures.find(({ experts }) => experts.includes(feedForward));
    const joined = mixture?.join ?? join(feedForward.down);
    if (joined) branches.push({ kind: 'feed-forward', join: joined, feedForward, mixture });
  }
  return { attentions, branches, fusedMixtures: findFusedMixtures(parts) };
}

/** All linear maps around one attention. */
export function allOf({ query, key, value, output }: Projections): Linear[] {
  return [...query, ...key, ...value, ...output];
}
