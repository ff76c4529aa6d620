import type { Anatomy } from '../anatomy/types.ts';
import { cacheChange } from '../cache/model-ports.ts';
import { needsOf } from '../methods/needs.ts';
import type { Model } from '../onnx/types.ts';
import { embedReport } from '../report/embed.ts';
import { packageModel } from '../onnx/package.ts';
import { weightsOf } from '../onnx/size.ts';
import { modelSize } from '../report/size.ts';
import { plannedReport } from './build-report.ts';
import type { Work } from '../methods/contract.ts';
import { planStep } from './plan-step.ts';
import { startState, type PlanState } from './plan-state.ts';
import type { Plan, PlannedStep } from './plan-types.ts';
import type { Recipe } from './types.ts';

export type * from './plan-types.ts';

export interface PlanOptions {
  /** Name of the data file beside the exported one, should it be too large to be a single file. */
  readonly dataName?: string;
  /** Only the first steps of a recipe: that they change nothing is no mistake. */
  readonly beginning?: boolean;
}

/**
 * Exact forecast of a recipe: which layers each step compresses into what, which it leaves and why, and
 * the size of the exported file to the byte (its recipe and report included). Reads no weights, except
 * where a method has to compare bytes. Layers already stored as codes are not compressed again,
 * and pruning after quantization is left out with the reason.
 */
export async function planRecipe(
  model: Model,
  anatomy: Anatomy,
  recipe: Recipe,
  options: PlanOptions = {},
): Promise<Plan> {
  const state = startState(model, anatomy);
  const steps: PlannedStep[] = [];
  for (const [index, step] of recipe.steps.entries()) {
    if (step.disabled !== true) steps.push(await planStep(state, step, index));
  }
  if (options.beginning !== true) checkEffect(state, steps);
  return finishPlan({ model, anatomy, recipe, steps, ...options }, state);
}

/** A recipe with steps that change nothing is a mistake worth a sentence; one without steps is a start. */
function checkEffect(state: PlanState, steps: readonly PlannedStep[]): void {
  if (steps.length === 0 || state.problems.length > 0 || state.changed) return;
  // What is said of a layer by name is worth an example; that no step was pointed at it is not.
  // Weights in no layer are the reason only where there was no layer to point at.
  const aside = state.pointedAt.size === 0 ? state.coverage().skipped : [];
  const left = aside.filter(({ name, reason }) => reason.includes(name));
  const reasons = kindsOf([...steps.flatMap(({ skipped }) => skipped), ...left]);
  const { notes } = state.anatomy;
  const pointed = steps.some(({ targets }) => targets.length > 0);
  const nothing = 'The recipe changes nothing in this model, because';
  const why =
    reasons.length > 0
      ? `${pointed ? 'every layer it was pointed at was left as it is' : 'no step found a layer it can work on'}. For example: ${reasons.join(' ')}`
      : notes.length > 0 && !pointed
        ? `no step found a layer it can work on. ${notes.join(' ')}`
        : 'no step found a layer it can work on; choose other targets.';
  state.problems.push({ path: 'steps', message: `${nothing} ${why}` });
}

/** Kinds of reasons that one sentence can hold. */
const MOST_REASONS = 3;

/** One reason of each kind: reasons that differ in the layer's name alone are one kind. */
function kindsOf(skipped: PlannedStep['skipped']): readonly string[] {
  const kinds = new Map<string, string>();
  for (const { name, reason } of skipped) {
    const kind = reason.replaceAll(name, '').replaceAll(/\d+/g, '');
    if (!kinds.has(kind)) kinds.set(kind, reason);
  }
  return [...kinds.values()].slice(0, MOST_REASONS);
}

interface Planned extends PlanOptions {
  readonly model: Model;
  readonly anatomy: Anatomy;
  readonly recipe: Recipe;
  readonly steps: readonly PlannedStep[];
}

function finishPlan(planned: Planned, state: PlanState): Plan {
  const { model, anatomy, recipe, steps, dataName } = planned;
  const before = modelSize(model);
  const removed = state.removedParameters;
  const draft = {
    recipe,
    steps,
    before,
    after: plannedSize(state.model, before.parameters - removed),
    coverage: state.coverage(),
    warnings: [...new Set(steps.flatMap(({ warnings = [] }) => warnings))],
    needsCalibration: steps.some(needsData),
  };
  const embedded = embedReport(state.model, plannedReport(draft));
  const packaged = packageModel(embedded, { dataName });
  const bytes = packaged.byteLength;
  const cache = cacheChange(model, state.model);
  const bounds = [...steps.flatMap((step) => step.atMost ?? []), ...withAnswers(steps, bytes)];
  return {
    ...draft,
    problems: state.problems,
    model: packaged.model,
    anatomy: state.anatomy,
    bytes,
    ...(bounds.length > 0 && { atMost: Math.min(...bounds) }),
    after: { ...draft.after, bytes },
    ...(cache && { cache }),
    layers: state.sizes(anatomy),
    stages: steps.map(({ method }) => method.meta.title),
  };
}

/** What is decided is written twice, in the recipe and in the report's table of methods. */
function withAnswers(steps: readonly PlannedStep[], bytes: number): readonly number[] {
  const answers = steps.flatMap(({ undecided }) => undecided ?? []);
  if (answers.length === 0) return [];
  return [answers.reduce((sum, answer) => sum + 2 * answer, bytes + ROOM_FOR_LENGTHS)];
}

/** Fields that hold the texts may need another byte for their lengths. */
const ROOM_FOR_LENGTHS = 16;

/** The file's own size comes last: it holds the report that holds this. */
function plannedSize(model: Model, parameters: number): Plan['after'] {
  const { bitsPerWeight } = weightsOf(model, { parameters });
  return { bytes: 0, parameters, bitsPerWeight };
}

function looks(work: Work): boolean {
  return work.kind === 'train' || work.look !== undefined;
}

/** A step in which everything is decided and no work looks at anything needs no data, whatever its method may look at. */
function needsData({ method, options, work, atMost, undecided }: PlannedStep): boolean {
  const closed = atMost === undefined && undecided === undefined && !work.some(looks);
  return needsOf(method.meta, options).includes('calibration') && !closed;
}
