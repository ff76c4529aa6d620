import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import type { Kept } from '../../../cuts/fill.ts';
import type { CutGroup, FoundGroups } from '../../../cuts/group.ts';
import { findHeads, type HeadUnit } from '../../../cuts/heads.ts';
import type { GroupCut } from '../../../cuts/plan.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import type { Skipped } from '../../contract.ts';
import type { AttentionHeadsOptions } from './meta.ts';

/** What a step cuts: how many members of each group stay and, once it is decided, which. */
export interface HeadCuts {
  readonly cuts: readonly GroupCut[];
  readonly kept?: Kept;
  readonly skipped: readonly Skipped[];
}

interface Where {
  readonly model: Model;
  readonly anatomy: Anatomy;
}

/** The heads that are named, or so many of each attention. Throws `ratio-empties`. */
export function headCuts(
  where: Where,
  targets: readonly Layer[],
  options: AttentionHeadsOptions,
): HeadCuts {
  const outputs = targets.filter(({ role }) => role === 'attention-output');
  return options.heads === undefined
    ? sharedOut(where, outputs, options)
    : named(where, outputs, options.heads);
}

/** The query heads that go when these members of a group stay. */
export function headsThatGo(
  { members, strata = 1 }: CutGroup,
  kept: readonly number[],
  heads: number,
): number[] {
  const stays = new Set(kept);
  const each = heads / (members * strata);
  return Array.from({ length: heads }, (_, head) => head).filter(
    (head) => !stays.has(Math.floor(head / each)),
  );
}

/** How many query heads an attention has whose output projection this is. */
export function headsOf({ block, stack }: Layer, { blocks }: Anatomy): number {
  return blocks.find((one) => one.index === block && one.stack === stack)?.heads ?? 0;
}

function sharedOut(
  { model, anatomy }: Where,
  outputs: readonly Layer[],
  options: AttentionHeadsOptions,
): HeadCuts {
  const { groups, skipped } = findHeads(model, anatomy, options.unit, outputs);
  const found = groups.map((group) => keepOf(group, anatomy, options));
  return {
    cuts: found.flatMap((one) => ('keep' in one ? [one] : [])),
    skipped: [...skipped, ...found.flatMap((one) => ('reason' in one ? [one] : []))],
  };
}

/** How many members of each run stay. */
function keepOf(
  group: CutGroup,
  anatomy: Anatomy,
  { ratio, count }: AttentionHeadsOptions,
): GroupCut | Skipped {
  const { members, strata = 1, name } = group;
  const heads = headsOf(group.readers[0], anatomy);
  const each = heads / members;
  if (count !== undefined && count % each !== 0)
    return { name, reason: indivisible(count, each, name) };
  const goes = count === undefined ? Math.round(ratio * members) : count / each;
  if (goes >= members) throw empties(count ?? ratio * heads, heads, name);
  if (goes === 0 && ratio > 0) return { name, reason: tooFew(ratio, members, strata, name) };
  return { group, keep: members - goes };
}

/** Groups of the heads that are named: of keys and values where whole groups go, else of single queries. */
function named(
  { model, anatomy }: Where,
  outputs: readonly Layer[],
  heads: NonNullable<AttentionHeadsOptions['heads']>,
): HeadCuts {
  const find = (unit: HeadUnit): FoundGroups =>
    findHeads(
      model,
      anatomy,
      unit,
      outputs.filter(({ name }) => Object.hasOwn(heads, name)),
    );
  const whole = find('kv-groups');
  const single = find('heads');
  const kept = new Map<string, readonly number[]>();
  const cuts: GroupCut[] = [];
  const skipped: Skipped[] = [...whole.skipped, ...strangers(outputs, heads)];
  for (const [i, group] of whole.groups.entries()) {
    const gone = heads[group.name];
    const total = headsOf(group.readers[0], anatomy);
    if (new Set(gone.filter((head) => head < total)).size === total)
      throw empties(total, total, group.name);
    const own = [group, single.groups[i]].find((one) => stayingOf(one, gone, total) !== undefined);
    const stays = own && stayingOf(own, gone, total);
    if (!own || !stays) skipped.push({ name: group.name, reason: uneven(gone, group, total) });
    else if (gone.length > 0) {
      kept.set(own.name, stays);
      cuts.push({ group: own, keep: stays.length / (own.strata ?? 1) });
    }
  }
  return { cuts, kept, skipped };
}

/** The members that stay; undefined where the heads are not whole members, or not as many of each run. */
function stayingOf(
  { members, strata = 1 }: CutGroup,
  gone: readonly number[],
  heads: number,
): readonly number[] | undefined {
  const all = members * strata;
  const each = heads / all;
  const goes = new Set(gone);
  const parts = Array.from({ length: heads }, (_, head) => goes.has(head));
  const stays = Array.from({ length: all }, (_, m) => m).filter((m) => !parts[m * each]);
  const mixed = parts.some((part, head) => part !== parts[head - (head % each)]);
  const counts = Array.from(
    { length: strata },
    (_, run) => stays.filter((m) => Math.floor(m / members) === run).length,
  );
  return mixed || new Set(counts).size > 1 || counts[0] === 0 ? undefined : stays;
}

function strangers(
  outputs: readonly Layer[],
  heads: NonNullable<AttentionHeadsOptions['heads']>,
): Skipped[] {
  const known = new Set(outputs.map(({ name }) => name));
  return [
    ...Object.keys(heads)
      .filter((name) => !known.has(name))
      .map((name) => ({
        name,
        reason: `"${name}" is not the output projection of a chosen attention, so the heads named for it stay; clear "heads" to decide again.`,
      })),
  ];
}

function indivisible(count: number, each: number, name: string): string {
  return `The heads in front of "${name}" stay as they are: ${count} heads cannot go where ${each} go at once; give a multiple of ${each}.`;
}

function tooFew(ratio: number, members: number, strata: number, name: string): string {
  const what = strata > 1 ? `${members} queries of each group` : `${members} heads`;
  return `The heads in front of "${name}" stay as they are: a ratio of ${ratio} of ${what} is less than half a head; from ${(0.5 / members).toFixed(3)} on one goes.`;
}

function uneven(gone: readonly number[], { members }: CutGroup, heads: number): string {
  const list = new Intl.ListFormat('en').format(gone.map(String));
  return `Heads ${list} of the ${heads} queries over ${members} keys cannot go, because every group of ${heads / members} must lose all of its queries or as many as the others; choose whole groups, or equally many of each.`;
}

function empties(gone: number, heads: number, name: string): LatheError {
  return new LatheError(
    'ratio-empties',
    `Removing ${Math.round(gone)} of the ${heads} heads in front of "${name}" would leave none, and an attention without heads computes nothing; choose fewer.`,
    { name },
  );
}
