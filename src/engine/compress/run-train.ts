import type { TrainWork } from '../../core/methods/contract.ts';
import { fillHoles } from '../../core/onnx/fill.ts';
import type { Model } from '../../core/onnx/types.ts';
import { layerRandom } from './random.ts';
import { calibrationMissing } from './require-calibration.ts';
import type { RunningStep, StageResult } from './types.ts';

/** Trains what the method poses and fills the holes from the result. */
export async function runTrain(
  work: TrainWork,
  step: RunningStep,
  model: Model,
): Promise<StageResult> {
  const { context, planned, position, key, ground } = step;
  const { meta } = planned.method;
  if (context.training === undefined) throw calibrationMissing(meta);
  const random = layerRandom(context.plan.recipe.seed, planned.index, meta.id);
  const setup = await work.setup(ground, { random });
  const { trained, record } = await context.training.train({ work, setup }, key, {
    ...(context.signal && { signal: context.signal }),
    progress: (fraction, detail) => context.progress(position, fraction, detail),
  });
  return {
    model: fillHoles(model, await setup.finish(trained)),
    measured: [],
    trained: [{ ...record, step: planned.index, method: meta.id }],
  };
}
