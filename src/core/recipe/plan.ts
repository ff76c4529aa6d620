import type { Anatomy } from '../anatomy/types.ts';
import type { Model } from '../onnx/types.ts';
import { embedReport } from '../report/embed.ts';
import { sizeOf } from '../onnx/size.ts';
import { modelSize } from '../report/size.ts';
import { plannedReport } from './build-report.ts';
import { planStep } from './plan-step.ts';
import { startState, type PlanState } from './plan-state.ts';
import type { Plan, PlannedStep } from './plan-types.ts';
import type { Recipe } from './types.ts';

export type * from './plan-types.ts';

/**
 * Exact forecast of a recipe: which layers each step compresses into what, which it leaves and why, and
 * the size of the exported file to the byte (its recipe and report included). Reads no weights, except
 * where a graph method has to compare bytes. Layers already stored as codes are not compressed again,
 * and pruning after quantization is left out with the reason.
 */
export async function planRecipe(model: Model, anatomy: Anatomy, recipe: Recipe): Promise<Plan> {
  const state = startState(model, anatomy);
  const steps: PlannedStep[] = [];
  for (const [index, step] of recipe.steps.entries()) {
    if (step.disabled !== true) steps.push(await planStep(state, step, index, recipe.seed));
  }
  checkEffect(state, steps);
  return finishPlan(model, anatomy, recipe, state, steps);
}

/** A recipe with steps that change nothing is a mistake worth a sentence; one without steps is a start. */
function checkEffect(state: PlanState, steps: readonly PlannedStep[]): void {
  if (steps.length === 0 || state.problems.length > 0 || state.changed) return;
  const [first] = steps.flatMap(({ skipped }) => skipped);
  const why = first ? ` For example: ${first.reason}` : '';
  state.problems.push({
    path: 'steps',
    message: `The recipe changes nothing in this model, because no step found a layer it can work on; choose other targets.${why}`,
  });
}

function finishPlan(
  model: Model,
  anatomy: Anatomy,
  recipe: Recipe,
  state: PlanState,
  steps: readonly PlannedStep[],
): Plan {
  const before = modelSize(model);
  const removed = state.removedParameters;
  const draft = {
    recipe,
    steps,
    before,
    after: modelSize(state.model, before.parameters - removed),
    coverage: state.coverage(model),
    needsCalibration: steps.some(needsData),
  };
  const planned = embedReport(state.model, plannedReport(draft));
  const bytes = sizeOf(planned).totalBytes;
  return {
    ...draft,
    problems: state.problems,
    model: planned,
    bytes,
    after: { ...draft.after, bytes },
    layers: state.sizes(anatomy),
    stages: steps.map(({ method }) => method.meta.title),
  };
}

function needsData({ method }: PlannedStep): boolean {
  return method.meta.needs.includes('calibration');
}
