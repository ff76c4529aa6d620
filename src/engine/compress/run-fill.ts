import type { FillWork } from '../../core/methods/contract.ts';
import { fillHoles } from '../../core/onnx/fill.ts';
import type { Model } from '../../core/onnx/types.ts';
import { nothingSeen, type Seen } from '../../core/statistics/seen.ts';
import { methodContext } from './random.ts';
import { requireCalibration } from './require-calibration.ts';
import type { RunningStep, StageResult } from './types.ts';

/** Share of a step's time that looking at calibration takes, roughly. */
const COLLECTING = 0.5;

/** Fills named tensors at once, after the looks they are computed from. */
export async function runFill(
  work: FillWork,
  step: RunningStep,
  model: Model,
): Promise<StageResult> {
  const { context, position, planned, ground } = step;
  const seen = await lookFirst(work, step);
  const start = work.look === undefined ? 0 : COLLECTING;
  const fillings = await work.fill(ground, seen, {
    ...methodContext(step, planned.method.meta.id, true),
    progress: (fraction) => context.progress(position, start + (1 - start) * fraction),
  });
  return { model: fillHoles(model, fillings), measured: [], trained: [] };
}

async function lookFirst(
  { look }: FillWork,
  { context, position, planned, ground }: RunningStep,
): Promise<Seen> {
  if (look === undefined) return nothingSeen;
  return requireCalibration(context, planned.method.meta).collect(ground.model, look, {
    ...(context.signal && { signal: context.signal }),
    progress: (fraction, detail) => context.progress(position, fraction * COLLECTING, detail),
  });
}
