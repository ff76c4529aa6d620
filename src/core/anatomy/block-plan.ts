import type { Branch } from './branches.ts';
import type { Chain } from './chains.ts';
import { sourceOf } from './parts.ts';
import type { Parts } from './parts.ts';
import { isSkipNorm } from './residual.ts';

/** The branches of one block and the stream before and after it. */
export interface BlockPlan {
  readonly stack: 'encoder' | 'decoder';
  readonly branches: readonly Branch[];
  readonly input: string;
  readonly output: string;
  readonly normPlacement?: 'pre' | 'post';
}

type Attending = Extract<Branch, { kind: 'attention' }>;
type Feeding = Extract<Branch, { kind: 'feed-forward' }>;

/** True for an attention. */
export const isAttending = (branch: Branch): branch is Attending => branch.kind === 'attention';
/** True for a feed-forward part. */
export const isFeeding = (branch: Branch): branch is Feeding => branch.kind === 'feed-forward';

/**
 * Cuts each residual stream into blocks; encoder blocks come first. `cached`: the model is known to go on
 * from a cache, which only a decoder can.
 */
export function planBlocks(parts: Parts, chains: readonly Chain[], cached: boolean): BlockPlan[] {
  const attending = chains.filter(({ branches }) => branches.some(isAttending));
  const hasCross = attending.some(isCrossed);
  const stackOf = (chain: Chain) => {
    if (isCrossed(chain)) return 'decoder';
    return !hasCross && (cached || isCausal(chain)) ? 'decoder' : 'encoder';
  };
  const plans = attending.flatMap((chain) => planChain(parts, chain, stackOf(chain)));
  return [
    ...plans.filter(({ stack }) => stack === 'encoder'),
    ...plans.filter(({ stack }) => stack === 'decoder'),
  ];
}

function isCrossed({ branches }: Chain): boolean {
  return branches.some((branch) => isAttending(branch) && branch.around.cross);
}

function isCausal({ branches }: Chain): boolean {
  return branches.filter(isAttending).some(({ core, around }) => core.causal || around.cached);
}

function planChain(parts: Parts, chain: Chain, stack: BlockPlan['stack']): BlockPlan[] {
  const groups = splitAtAttention(chain.branches);
  const inputs = groups.map(([first]) => first.join.skip);
  return groups.map((branches, index) => {
    const normPlacement = placementOf(parts, branches);
    const last = branches[branches.length - 1];
    const output = inputs[index + 1] ?? streamAfter(parts, last, normPlacement);
    return { stack, branches, input: inputs[index], output, normPlacement };
  });
}

/** A block starts with each self-attention; cross-attention and feed-forward belong to the block before. */
function splitAtAttention(branches: readonly Branch[]): Branch[][] {
  const groups: Branch[][] = [];
  for (const branch of branches) {
    const current = groups.at(-1);
    if (!current || startsBlock(branch, current)) groups.push([branch]);
    else current.push(branch);
  }
  return groups;
}

function startsBlock(branch: Branch, current: readonly Branch[]): boolean {
  if (!isAttending(branch)) return false;
  const cross = branch.around.cross;
  return current.some((other) => isAttending(other) && (!cross || other.around.cross));
}

/** 'post' when a branch reads the stream itself, 'pre' when it reads a normed copy of it. */
function placementOf(parts: Parts, branches: readonly Branch[]): 'pre' | 'post' | undefined {
  for (const branch of branches) {
    const read = branchInput(branch);
    if (read === undefined) continue;
    const same = sourceOf(parts, read) === sourceOf(parts, branch.join.skip);
    if (same) return 'post';
    const made = sourceOf(parts, read);
    const maker = parts.view.maker(made);
    if (parts.normMaking.has(made) || (maker && isSkipNorm(maker))) return 'pre';
  }
  return undefined;
}

function branchInput(branch: Branch): string | undefined {
  if (isFeeding(branch)) return branch.feedForward.up[0]?.input;
  return branch.core.inside ? branch.core.query : branch.around.query[0]?.input;
}

/** The stream behind the last block: after the last norm when norms follow the joins. */
function streamAfter(parts: Parts, last: Branch, placement?: 'pre' | 'post'): string {
  const { after, node } = last.join;
  if (placement !== 'post') return after;
  if (isSkipNorm(parts.view.nodes[node])) return parts.view.nodes[node].outputs[0];
  return parts.normsReading.get(after)?.[0]?.output ?? after;
}
