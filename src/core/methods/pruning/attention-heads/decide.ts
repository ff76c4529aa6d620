import type { Ablation } from '../../../ablation/types.ts';
import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import type { CutGroup } from '../../../cuts/group.ts';
import { planCut, type GroupCut, type Piece } from '../../../cuts/plan.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { looksAtInputs } from '../../../statistics/look.ts';
import { nothingSeen, type Seen } from '../../../statistics/seen.ts';
import type { Ground, Oracle } from '../../contract.ts';
import { columnProblem } from '../structured/cut-step.ts';
import { takesOf } from '../structured/looks.ts';
import { cutColumns } from '../structured/refit.ts';
import { highest } from '../structured/units.ts';
import { headCuts, headsOf, headsThatGo } from './chosen.ts';
import { columnOptions } from './column-options.ts';
import { meta, type AttentionHeadsOptions } from './meta.ts';

type Ask = Oracle<AttentionHeadsOptions>;

/** Which heads of each attention go: the lowest by score, as many as the options say. */
export async function decideHeads(
  ground: Ground,
  targets: readonly Layer[],
  options: AttentionHeadsOptions,
  ask: Ask,
): Promise<AttentionHeadsOptions | undefined> {
  if (options.heads !== undefined) return undefined;
  const wanted = headCuts(ground, targets, options).cuts;
  const { pieces, failed } = planCut(ground.model, wanted);
  const left = new Set(failed.map(({ group }) => group));
  const cuts = wanted.filter(({ group, keep }) => keep < group.members && !left.has(group));
  const measured = options.score === 'measured' && options.compensation !== 'obs';
  const kept = measured
    ? await leastLost(cuts, ask)
    : await lowestScores({ ground, options, cuts, pieces }, ask);
  const heads = cuts.map(({ group }, i): [string, number[]] => {
    const total = headsOf(group.readers[0], ground.anatomy);
    return [group.name, headsThatGo(group, kept[i], total)];
  });
  return { ...options, heads: Object.fromEntries(heads) };
}

interface Ranking {
  readonly ground: Ground;
  readonly options: AttentionHeadsOptions;
  readonly cuts: readonly GroupCut[];
  readonly pieces: readonly Piece[];
}

async function lowestScores(
  { ground, options, cuts, pieces }: Ranking,
  ask: Ask,
): Promise<(readonly number[])[]> {
  const own = columnOptions(options, false);
  const seen = await seenBy(cuts, own, ask);
  const kept: (readonly number[])[] = [];
  for (const { group, keep } of cuts) {
    throwIfCancelled(ask.signal);
    const problem = await columnProblem({ ground, options: own, meta }, group, pieces, seen);
    kept.push(cutColumns(problem, own, keep * (group.strata ?? 1), ask).kept);
    ask.progress(kept.length / cuts.length);
  }
  return kept;
}

async function seenBy(
  cuts: readonly GroupCut[],
  options: ReturnType<typeof columnOptions>,
  ask: Ask,
): Promise<Seen> {
  const takes = takesOf(options);
  const readers = cuts.map(({ group }) => group.readers[0]);
  return takes.length > 0 ? ask.seen(looksAtInputs(readers, takes)) : nothingSeen;
}

/** The members whose loss costs most stay: each is switched off by itself, in every layer that reads it. */
async function leastLost(cuts: readonly GroupCut[], ask: Ask): Promise<(readonly number[])[]> {
  const ablations = cuts.map(({ group }) => ablationsOf(group));
  const losses = await ask.losses(ablations.flat());
  let from = 0;
  return cuts.map(({ group, keep }, i) => {
    const own = losses.slice(from, (from += ablations[i].length)).map(({ value }) => value);
    return highest(own, keep * (group.strata ?? 1), group.strata);
  });
}

/** One for each member of the whole model. */
function ablationsOf(group: CutGroup): Ablation[] {
  const { members, strata = 1, columns, readers } = group;
  const size = columns.length / (members * strata);
  return Array.from({ length: members * strata }, (_, member) => {
    const span = { from: member * size, end: (member + 1) * size };
    return { gates: readers.map(({ input }) => ({ value: input, columns: [span] })) };
  });
}

/** Bytes that the names of the heads take in the file, at most. */
export function undecidedBytes(cuts: readonly GroupCut[], anatomy: Anatomy): number {
  const longest = cuts.map(({ group, keep }): [string, number[]] => {
    const heads = headsOf(group.readers[0], anatomy);
    const gone = heads - (keep * heads) / group.members;
    return [group.name, Array.from({ length: gone }, () => heads)];
  });
  return new TextEncoder().encode(JSON.stringify({ heads: Object.fromEntries(longest) })).length;
}
