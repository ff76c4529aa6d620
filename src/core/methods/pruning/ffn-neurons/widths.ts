import type { CutGroup } from '../../../cuts/group.ts';
import type { GroupCut } from '../../../cuts/plan.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { FfnNeuronsOptions } from './meta.ts';

/** How many neurons of each group stay: as decided, or the same share of each. Throws `ratio-empties`. */
export function widthsOf(
  groups: readonly CutGroup[],
  { ratio, multiple, widths }: FfnNeuronsOptions,
): readonly GroupCut[] {
  return groups.map((group) => ({
    group,
    keep: widths
      ? Math.min(widths[group.name] ?? group.members, group.members)
      : widthOf(group, ratio, multiple),
  }));
}

/** (1 − ratio)·width, rounded to a multiple, at least one of them. */
function widthOf({ members, name }: CutGroup, ratio: number, multiple: number): number {
  const left = (1 - ratio) * members;
  if (Math.round(left) === 0) throw empties(ratio, members, name);
  const rounded = Math.max(1, Math.round(left / multiple)) * multiple;
  return Math.min(members, rounded);
}

/** The share would leave nothing. */
export function empties(ratio: number, members: number, name: string): LatheError {
  return new LatheError(
    'ratio-empties',
    `A ratio of ${ratio} would leave none of the ${members} neurons in front of "${name}", and a layer without neurons computes nothing; choose a smaller ratio.`,
    { name, ratio },
  );
}
