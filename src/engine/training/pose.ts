import type { TrainingSetup } from '../../core/methods/contract.ts';
import { DEFAULT_ADAMW } from '../../core/training/adamw.ts';
import type { BatchShape } from '../../core/training/bindings.ts';
import { poseProblem, type PosedProblem } from '../../core/training/problem.ts';
import { buildTrainingGraph } from '../../core/training/training-graph.ts';
import type { Model } from '../../core/onnx/types.ts';

/** The training graph of a prepared step, built without running it, and the problem it solves. */
export function graphOf(
  setup: TrainingSetup,
  shape: BatchShape,
): { readonly posed: PosedProblem; readonly graph: Model } {
  const posed = posedOf(setup, shape);
  return { posed, graph: buildTrainingGraph(posed.input, DEFAULT_ADAMW).model };
}

/** The problem a setup poses for batches of this size. */
export function posedOf(setup: TrainingSetup, shape: BatchShape): PosedProblem {
  const { student, trainable, teacher, objective, masked } = setup;
  return poseProblem({ student, trainable, teacher, objective, shape, masked });
}
