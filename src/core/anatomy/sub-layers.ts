import type { BlockPlan } from './block-plan.ts';
import type { Branch } from './branches.ts';
import type { SubLayer } from './types.ts';

/**
 * The sub-layers of one block in the order they join the stream; the experts of a mixture are one. Where norms follow the
 * sums, a sub-layer ends where the next one begins, so its norm belongs to it.
 */
export function subLayersOf({ branches, output, normPlacement }: BlockPlan): SubLayer[] {
  const own = branches.filter((branch, at) => !continues(branch, branches.slice(0, at)));
  return own.map((branch) => {
    const { join } = branch;
    const after = branches.slice(branches.indexOf(branch) + 1);
    const next = after.find((other) => other.join.node !== join.node);
    const end = normPlacement === 'post' ? (next?.join.skip ?? output) : join.after;
    const { inner, added } = join;
    return {
      kind: kindOf(branch),
      input: join.skip,
      output: end,
      bypass: inner ?? { value: end, instead: join.skip },
      added,
    };
  });
}

/** Another expert of a mixture that is there already. */
function continues(branch: Branch, before: readonly Branch[]): boolean {
  if (branch.kind !== 'feed-forward' || branch.mixture === undefined) return false;
  return before.some((other) => other.kind === branch.kind && other.mixture === branch.mixture);
}

function kindOf(branch: Branch): SubLayer['kind'] {
  if (branch.kind === 'feed-forward') return branch.kind;
  return branch.around.cross ? 'cross-attention' : 'attention';
}
