import { recognise } from '../../../anatomy/recognise.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { fillPieces, type Kept } from '../../../cuts/fill.ts';
import type { CutGroup } from '../../../cuts/group.ts';
import { planCut, type GroupCut, type Piece } from '../../../cuts/plan.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { inputOf, looksAtInputs } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { Take } from '../../../statistics/take.ts';
import type {
  FillWork,
  Ground,
  MethodContext,
  MethodMeta,
  PlannedLine,
  Recognised,
  StepPlan,
} from '../../contract.ts';
import { storedBytes } from '../../stored-bytes.ts';
import { readWeight } from '../../weight.ts';
import { coupledWeights } from './coupled.ts';
import { shiftsBias, takesOf } from './looks.ts';
import type { ColumnOptions } from './options.ts';
import type { ColumnProblem } from './problem.ts';
import { cutColumns } from './refit.ts';
import { shiftedBiases, withShifts, type ShiftHole } from './shift.ts';
import { storedMatrix } from './tensors.ts';
import { unitsOf } from './units.ts';

/** A step that removes members of groups, each group down to a number that is known. */
export interface CutStep {
  readonly ground: Ground;
  readonly cuts: readonly GroupCut[];
  readonly options: ColumnOptions;
  readonly meta: Pick<MethodMeta, 'title'>;
  /** The members that stay, where something else decided: nothing is ranked then. */
  readonly chosen?: Kept;
}

/**
 * The step as a plan: the graph with shorter weights and, where the compensation needs them, biases, all of them holes;
 * the run looks at the input of the first layer that reads each group, chooses the members that stay by their score
 * ({@link cutColumns}), and fills everything. Groups that turn out not to be cuttable stay whole, with the reason.
 */
export function planCutStep(step: CutStep): StepPlan {
  const { ground, options } = step;
  const { model: shorter, pieces, failed } = planCut(ground.model, step.cuts);
  const skipped = failed.map(({ group, reason }) => ({
    name: group.name,
    reason: `What "${group.name}" reads stays as it is: ${reason}.`,
  }));
  const left = new Set(failed.map(({ group }) => group));
  const cuts = step.cuts.filter(({ group, keep }) => keep < group.members && !left.has(group));
  if (cuts.length === 0) return { model: ground.model, lines: [], skipped, work: [] };
  const readers = cuts.map(({ group }) => sharing(ground, group));
  const shifts = shiftsBias(options)
    ? withShifts(shorter, readers)
    : { model: shorter, holes: readers.map(() => []) };
  const anatomy = recognise(shifts.model);
  return {
    model: shifts.model,
    anatomy,
    lines: linesOf(ground, { model: shifts.model, anatomy }, pieces),
    skipped,
    work: [fillWork({ ...step, cuts }, pieces, shifts.holes)],
  };
}

/** The group's readers that multiply with the weight of the first one. */
function sharing({ model }: Ground, { readers }: CutGroup): readonly Layer[] {
  const weight = storedMatrix(model, readers[0])?.tensor.name;
  return readers.filter((layer) => storedMatrix(model, layer)?.tensor.name === weight);
}

/** The layers whose weight gets shorter: edits keep a layer's output, so it is found again in what goes on. */
function linesOf(ground: Ground, after: Recognised, pieces: readonly Piece[]): PlannedLine[] {
  const cut = new Set(pieces.map(({ tensor }) => tensor));
  const layers = ground.anatomy.layers.filter((layer) =>
    cut.has(storedMatrix(ground.model, layer)?.tensor.name ?? ''),
  );
  const before = storedBytes(ground.model, layers);
  const now = storedBytes(after.model, after.anatomy.layers);
  return layers.map((layer) => ({
    layer,
    bytesBefore: before.get(layer.output) ?? 0,
    bytesAfter: now.get(layer.output) ?? 0,
  }));
}

function fillWork(
  step: CutStep,
  pieces: readonly Piece[],
  holes: readonly (readonly ShiftHole[])[],
): FillWork {
  const takes = takesOf(step.options);
  const readers = step.cuts.map(({ group }) => group.readers[0]);
  return {
    kind: 'fill',
    ...(takes.length > 0 && { look: looksAtInputs(readers, takes) }),
    fill: async (ground, seen, context) => {
      const kept = new Map<string, readonly number[]>();
      const own = new Map<string, Uint8Array>();
      for (const [i, { group, keep }] of step.cuts.entries()) {
        throwIfCancelled(context.signal);
        const options = heard(group, seen, takes) ? step.options : UNHEARD;
        const problem = await columnProblem({ ...step, ground, options }, group, pieces, seen);
        const stays = step.chosen?.get(group.name) ?? keep * (group.strata ?? 1);
        const cut = cutColumns(problem, options, stays, part(context, i, step.cuts.length));
        kept.set(group.name, cut.kept);
        const stored = storedMatrix(ground.model, group.readers[0]);
        if (stored) own.set(stored.tensor.name, stored.bytes(cut.values));
        const shift = cut.shift ?? new Float32Array(problem.weight.layer.outFeatures);
        for (const [name, bytes] of await shiftedBiases(ground.model, holes[i], shift))
          own.set(name, bytes);
      }
      return new Map([...(await fillPieces(ground.model, pieces, kept)), ...own]);
    },
  };
}

/** For what no row of the calibration data reached, as happens to experts: the weights alone decide. */
const UNHEARD = { score: 'magnitude', compensation: 'none', bias: false, damping: 0 } as const;

function heard({ readers }: CutGroup, seen: Seen, takes: readonly Take[]): boolean {
  return takes.every((take) => seen.at(inputOf(readers[0]), take) !== undefined);
}

/** What the score and the compensation of a group are computed from. */
export async function columnProblem(
  { ground, options, meta, chosen }: Omit<CutStep, 'cuts'>,
  group: CutGroup,
  pieces: readonly Piece[],
  seen: Seen,
): Promise<ColumnProblem> {
  const weight = await readWeight(ground.model, group.readers[0]);
  const ranks = options.score === 'magnitude' && !chosen?.has(group.name);
  const coupled = ranks ? await coupledWeights(ground, group, pieces) : [];
  return { weight, units: unitsOf(group), coupled, seen, meta };
}

/** Progress of one of several. */
function part({ signal, progress }: MethodContext, i: number, of: number) {
  return { signal, progress: (fraction: number) => progress?.((i + fraction) / of) };
}
