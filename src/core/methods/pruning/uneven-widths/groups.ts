import type { Layer } from '../../../anatomy/types.ts';
import type { CutGroup, FoundGroups } from '../../../cuts/group.ts';
import { findHeads } from '../../../cuts/heads.ts';
import { findNeurons } from '../../../cuts/neurons.ts';
import { planCut, type GroupCut } from '../../../cuts/plan.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Ground } from '../../contract.ts';
import type { UnevenWidthsOptions } from './meta.ts';

/**
 * Heads (keys and values with their queries) and feed-forward neurons among the targets, those that can be cut. Throws
 * `nothing-to-cut`.
 */
export function groupsOf({ model, anatomy }: Ground, targets: readonly Layer[]): FoundGroups {
  const heads = findHeads(model, anatomy, 'kv-groups', targets);
  const neurons = findNeurons(model, anatomy, targets);
  const found = [...heads.groups, ...neurons.groups];
  const tried = found.filter(({ members }) => members > 1);
  const { failed } = planCut(
    model,
    tried.map((group) => ({ group, keep: group.members - 1 })),
  );
  const reasons = new Map(failed.map(({ group, reason }) => [group, reason]));
  const skipped = [
    ...heads.skipped,
    ...neurons.skipped,
    ...failed.map(({ group: { name }, reason }) => ({
      name,
      reason: `What "${name}" reads stays as it is: ${reason}.`,
    })),
  ];
  const groups = tried.filter((group) => !reasons.has(group));
  if (groups.length === 0) throw nothingToCut(skipped[0]?.reason);
  return { groups, skipped };
}

/** How many members of each group stay: as decided, or, while that is open, at least as many as the same share leaves. */
export function cutsOf(
  groups: readonly CutGroup[],
  { ratio, widths }: UnevenWidthsOptions,
): readonly GroupCut[] {
  return groups.map((group) => {
    const { members, name } = group;
    const keep = widths ? (widths[name] ?? members) : Math.ceil((1 - ratio) * members);
    return { group, keep: Math.min(members, keep) };
  });
}

function nothingToCut(reason: string | undefined): LatheError {
  const why = reason === undefined ? '' : ` (${reason.replace(/\.$/, '')})`;
  return new LatheError(
    'nothing-to-cut',
    `No heads and no feed-forward neurons that can be cut were found among the chosen layers${why}, so there is nothing to rank; prune layers one by one instead.`,
  );
}
