import type { Anatomy } from '../../core/anatomy/types.ts';
import { carryFillings, requireFilled } from '../../core/onnx/fill.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { Work } from '../../core/methods/contract.ts';
import type { Plan, PlannedStep } from '../../core/recipe/plan-types.ts';
import type { Device } from '../../runtime/types.ts';
import { RunDevices } from '../run-devices.ts';
import { runEncode } from './run-encode.ts';
import { runFill } from './run-fill.ts';
import { runTrain } from './run-train.ts';
import type { StageCache } from './stage-cache.ts';
import { runsModel, stageKeys } from './stage-key.ts';
import type { CompressContext, RunningStep, StageResult } from './types.ts';

export interface RecipeInput {
  readonly model: Model;
  readonly anatomy: Anatomy;
  readonly sha256: string;
}

/**
 * Runs a plan's steps in order, taking up after the last stage that is cached. Each step fills the holes
 * of its planned model and does nothing else. Nothing of a stage that did not finish is kept.
 */
export async function runRecipe(
  input: RecipeInput,
  context: CompressContext,
  cache: StageCache | undefined,
): Promise<StageResult> {
  const { plan, devices = new RunDevices(NO_DEVICE) } = context;
  const data = { calibration: context.looks?.sha256, training: context.training?.sha256 };
  const ran: Device[] = [];
  /** Keys where steps ran, and for those to come if they run where they would now. */
  const keysNow = () => stageKeys(input.sha256, plan, data, onDevices(plan, ran, devices.device));
  let keys = await keysNow();
  const ranOne = ({ work }: PlannedStep): void => {
    ran.push(devices.device);
    if (runsModel(work)) devices.decides(devices.device);
  };
  const cached = await lastCached(cache, keys);
  let result: StageResult = cached.result ?? { model: input.model, measured: [], trained: [] };
  for (let i = 0; i < cached.done; i++) {
    context.onKept?.(i);
    context.progress(i, 1, 'kept from an earlier run');
    ranOne(plan.steps[i]);
  }
  for (let i = cached.done; i < plan.steps.length; i++) {
    const planned = plan.steps[i];
    const ground = { ...planned.ground, model: result.model };
    const stage = await devices.attempt(async () => {
      keys = await keysNow();
      const looks = context.looksBehind?.get(i) ?? context.looks;
      const own = { ...context, ...(looks && { looks }), ...(cache && { kept: cache }) };
      const [before, key] = [keys[i], keys[i + 1]];
      return runStep({ planned, position: i, before, key, ground, context: own });
    });
    ranOne(planned);
    context.progress(i, 1);
    result = after(result, stage);
    const last = i + 1 === plan.steps.length;
    if (!last || context.keepLast !== false) await cache?.put(keys[i + 1], result);
  }
  return result;
}

const NO_DEVICE = { runtime: () => Promise.reject(new TypeError('There is no device here.')) };

function onDevices({ steps }: Plan, ran: readonly Device[], now: Device): Device[] {
  return steps.map((_, position) => ran.at(position) ?? now);
}

async function runStep(step: RunningStep): Promise<StageResult> {
  const { planned, ground } = step;
  const model = carryFillings(planned.ground.model, ground.model, planned.model);
  let result: StageResult = { model, measured: [], trained: [] };
  for (const work of planned.work) result = after(result, await runWork(work, step, result.model));
  requireFilled(result.model);
  return result;
}

function runWork(work: Work, step: RunningStep, model: Model): Promise<StageResult> {
  switch (work.kind) {
    case 'encode':
      return runEncode(work, step, model);
    case 'fill':
      return runFill(work, step, model);
    case 'train':
      return runTrain(work, step, model);
  }
}

function after(before: StageResult, stage: StageResult): StageResult {
  return {
    model: stage.model,
    measured: [...before.measured, ...stage.measured],
    trained: [...before.trained, ...stage.trained],
  };
}

async function lastCached(
  cache: StageCache | undefined,
  keys: readonly string[],
): Promise<{ done: number; result?: StageResult }> {
  for (let done = keys.length - 1; done > 0 && cache !== undefined; done--) {
    const result = await cache.get(keys[done]);
    if (result !== undefined) return { done, result };
  }
  return { done: 0 };
}
