import { tensorNamed } from '../../../cuts/fill.ts';
import type { CutGroup } from '../../../cuts/group.ts';
import { planCut, type Piece } from '../../../cuts/plan.ts';
import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { looksAtInputs } from '../../../statistics/look.ts';
import { nothingSeen } from '../../../statistics/seen.ts';
import type { Ground, Oracle } from '../../contract.ts';
import { shareOut, type Ranked } from '../ffn-neurons/share-out.ts';
import { comparable } from '../structured/comparable.ts';
import { columnProblem } from '../structured/cut-step.ts';
import { takesOf } from '../structured/looks.ts';
import { unitScores } from '../structured/scores.ts';
import { meta, type UnevenWidthsOptions } from './meta.ts';

/**
 * How many members stay in each group when all are ranked in one list and the lowest go until `ratio` of all bytes is gone;
 * one at least stays in each. Scores are made comparable over their groups ({@link comparable}); those that estimate the
 * model's loss count per byte. Throws `ratio-empties`.
 */
export async function rankedWidths(
  ground: Ground,
  groups: readonly CutGroup[],
  options: UnevenWidthsOptions,
  ask: Pick<Oracle<UnevenWidthsOptions>, 'seen' | 'signal' | 'progress'>,
): Promise<Readonly<Record<string, number>>> {
  const takes = takesOf(options);
  const readers = groups.map(({ readers: [first] }) => first);
  const seen = takes.length > 0 ? await ask.seen(looksAtInputs(readers, takes)) : nothingSeen;
  const one = groups.map((group) => ({ group, keep: group.members - 1 }));
  const { pieces } = planCut(ground.model, one);
  const ranked: Ranked[] = [];
  for (const group of groups) {
    throwIfCancelled(ask.signal);
    const problem = await columnProblem({ ground, options, meta }, group, pieces, seen);
    const cost = bytesPerMember(ground.model, group, pieces);
    const scores = comparable(unitScores(problem, options), options);
    ranked.push({ cost, scores: isLoss(options) ? scores.map((score) => score / cost) : scores });
    ask.progress(ranked.length / groups.length);
  }
  const widths = shareOut(ranked, { ratio: options.ratio, multiple: 1 });
  checkReached(ranked, widths, options.ratio);
  return Object.fromEntries(groups.map(({ name }, g) => [name, widths[g]]));
}

function isLoss({ score, compensation }: UnevenWidthsOptions): boolean {
  return compensation !== 'obs' && (score === 'taylor' || score === 'fisher');
}

/** What one member of a group takes in the file. */
function bytesPerMember(model: Model, group: CutGroup, pieces: readonly Piece[]): number {
  const own = pieces.filter((piece) => piece.group === group);
  const bytes = own.map(({ tensor }) => tensorNamed(model, tensor).data.byteLength);
  return bytes.reduce((a, b) => a + b, 0) / group.members;
}

/** One member of each group stays: a ratio may ask for more than the rest. */
function checkReached(ranked: readonly Ranked[], widths: readonly number[], ratio: number): void {
  const sum = (of: (one: Ranked, g: number) => number) =>
    ranked.reduce((total, one, g) => total + of(one, g) * one.cost, 0);
  const all = sum(({ scores }) => scores.length);
  const gone = all - sum((_, g) => widths[g]);
  if (gone >= ratio * all * (1 - 1e-9)) return;
  throw new LatheError(
    'ratio-empties',
    `A ratio of ${ratio} would leave some attention without heads or some feed-forward part without neurons: with one left of each, ${(gone / all).toFixed(3)} of their bytes is gone; choose a smaller ratio.`,
    { ratio, most: gone / all },
  );
}
