import type { CutGroup } from '../../../cuts/group.ts';
import type { GroupCut } from '../../../cuts/plan.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { FfnNeuronsOptions } from './meta.ts';

/**
 * How many neurons of each group stay: as decided, or the same share of each. Until that is decided, the same share
 * rounded up, which is the most that can come out. Throws `ratio-empties`.
 */
export function widthsOf(
  groups: readonly CutGroup[],
  options: FfnNeuronsOptions,
): readonly GroupCut[] {
  const { widths } = options;
  return groups.map((group) => ({
    group,
    keep: Math.min(
      group.members,
      widths ? (widths[group.name] ?? group.members) : share(group, options),
    ),
  }));
}

/** (1 − ratio)·width, rounded to a multiple, at least one of them. */
function share({ members, name }: CutGroup, { ratio, multiple, scope }: FfnNeuronsOptions): number {
  const left = (1 - ratio) * members;
  if (Math.round(left) === 0) throw empties(ratio, members, name);
  const rounded = scope === 'global' ? Math.ceil(left / multiple) : Math.round(left / multiple);
  return Math.max(1, rounded) * multiple;
}

/** The share would leave nothing. */
export function empties(ratio: number, members: number, name: string): LatheError {
  return new LatheError(
    'ratio-empties',
    `A ratio of ${ratio} would leave none of the ${members} neurons in front of "${name}", and a layer without neurons computes nothing; choose a smaller ratio.`,
    { name, ratio },
  );
}
