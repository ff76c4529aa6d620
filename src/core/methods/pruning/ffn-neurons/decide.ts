import type { Layer } from '../../../anatomy/types.ts';
import type { CutGroup } from '../../../cuts/group.ts';
import { findNeurons } from '../../../cuts/neurons.ts';
import { tensorNamed } from '../../../cuts/fill.ts';
import { planCut, type Piece } from '../../../cuts/plan.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { nothingSeen } from '../../../statistics/seen.ts';
import type { Ground, Oracle } from '../../contract.ts';
import { columnLooks, columnProblem } from '../structured/cut-step.ts';
import { comparable } from '../structured/comparable.ts';
import { unitScores } from '../structured/scores.ts';
import { meta, type FfnNeuronsOptions } from './meta.ts';
import { shareOut, type Ranked } from './share-out.ts';
import { widthsOf } from './widths.ts';

/**
 * The neurons of all chosen blocks ranked together: the lowest go, until `ratio` of their bytes is gone, and how many
 * stay in each block is written into the options. Scores that are no losses are made comparable first
 * ({@link comparable}).
 */
export async function decideWidths(
  ground: Ground,
  targets: readonly Layer[],
  options: FfnNeuronsOptions,
  ask: Oracle<FfnNeuronsOptions>,
): Promise<FfnNeuronsOptions | undefined> {
  if (options.scope !== 'global' || options.widths !== undefined) return undefined;
  const groups = cuttable(ground, targets, options);
  const cuts = widthsOf(groups, options);
  const looks = columnLooks({ ground, cuts, options });
  const seen = looks.length > 0 ? await ask.seen(looks) : nothingSeen;
  const { pieces } = planCut(ground.model, cuts);
  const ranked: Ranked[] = [];
  for (const group of groups) {
    throwIfCancelled(ask.signal);
    const problem = await columnProblem({ ground, options, meta }, group, pieces, seen);
    const scores = comparable(unitScores(problem, options), options);
    ranked.push({ scores, cost: bytesPerMember(ground.model, group, pieces) });
    ask.progress(ranked.length / groups.length);
  }
  const widths = shareOut(ranked, options);
  return { ...options, widths: Object.fromEntries(groups.map(({ name }, g) => [name, widths[g]])) };
}

/** The groups that can be cut, as a plan finds them. */
function cuttable(
  { model, anatomy }: Ground,
  targets: readonly Layer[],
  options: FfnNeuronsOptions,
): readonly CutGroup[] {
  const { groups } = findNeurons(model, anatomy, targets);
  const { failed } = planCut(model, widthsOf(groups, options));
  const left = new Set(failed.map(({ group }) => group));
  return groups.filter((group) => !left.has(group));
}

/** What one member of a group takes in the file. */
function bytesPerMember(model: Model, group: CutGroup, pieces: readonly Piece[]): number {
  const own = pieces.filter((piece) => piece.group === group);
  const bytes = own.map(({ tensor }) => tensorNamed(model, tensor).data.byteLength);
  return bytes.reduce((a, b) => a + b, 0) / group.members;
}
