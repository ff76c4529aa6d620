import type { CutGroup } from '../../../cuts/group.ts';
import type { GroupCut } from '../../../cuts/plan.ts';
import { emptiesBlock } from './problems.ts';
import type { TwoStageOptions } from './meta.ts';

/** The same share of each group's neurons goes; what is left is rounded to a multiple. Throws `ratio-empties`. */
export function widthsOf(
  groups: readonly CutGroup[],
  share: number,
  { ratio, multiple }: Pick<TwoStageOptions, 'ratio' | 'multiple'>,
): readonly GroupCut[] {
  return groups.map((group) => {
    const left = (1 - share) * group.members;
    if (Math.round(left) === 0) throw emptiesBlock(ratio, group);
    const rounded = Math.max(1, Math.round(left / multiple)) * multiple;
    return { group, keep: Math.min(group.members, rounded) };
  });
}
