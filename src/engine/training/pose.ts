import type { TrainingMethod, TrainingSetup } from '../../core/methods/contract.ts';
import type { PlannedStep } from '../../core/recipe/plan-types.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { DEFAULT_ADAMW } from '../../core/training/adamw.ts';
import type { BatchShape } from '../../core/training/bindings.ts';
import { poseProblem, type PosedProblem } from '../../core/training/problem.ts';
import { buildTrainingGraph } from '../../core/training/training-graph.ts';
import type { Model } from '../../core/onnx/types.ts';
import { layerRandom } from '../compress/random.ts';
import type { OpenModel } from '../model/open.ts';

/**
 * What a planned training step starts from. The model is taken as it is now, or as a step before puts
 * another in its place: what else earlier steps do to weights does not matter for this.
 */
export function setupOf(
  open: OpenModel,
  { seed }: Recipe,
  { step, targets, index, ground }: PlannedStep,
  method: TrainingMethod,
): Promise<TrainingSetup> {
  const { model, anatomy } = ground ?? open;
  const random = layerRandom(seed, index, method.meta.id);
  const options = method.meta.options.parse(step.options);
  const context = { random, planning: true, original: open.model };
  return method.prepare(model, anatomy, targets, options, context);
}

/** The training graph of a prepared step, built without running it, and the problem it solves. */
export function graphOf(
  setup: TrainingSetup,
  shape: BatchShape,
): { readonly posed: PosedProblem; readonly graph: Model } {
  const { student, trainable, teacher, objective } = setup;
  const posed = poseProblem({ student, trainable, teacher, objective, shape });
  return { posed, graph: buildTrainingGraph(posed.input, DEFAULT_ADAMW).model };
}
