import type { FillWork } from '../../core/methods/contract.ts';
import { fillHoles } from '../../core/onnx/fill.ts';
import type { Model } from '../../core/onnx/types.ts';
import { methodContext } from './random.ts';
import type { RunningStep, StageResult } from './types.ts';

/** Fills named tensors at once. */
export async function runFill(
  work: FillWork,
  step: RunningStep,
  model: Model,
): Promise<StageResult> {
  const { context, position, planned, ground } = step;
  const fillings = await work.fill(ground, {
    ...methodContext(step, planned.method.meta.id, true),
    progress: (fraction) => context.progress(position, fraction),
  });
  return { model: fillHoles(model, fillings), measured: [], trained: [] };
}
