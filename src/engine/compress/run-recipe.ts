import type { Anatomy } from '../../core/anatomy/types.ts';
import type { GraphMethod, TrainingMethod } from '../../core/methods/contract.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { PlannedStep } from '../../core/recipe/plan-types.ts';
import { layerRandom } from './random.ts';
import { calibrationMissing } from './require-calibration.ts';
import type { StageCache } from './stage-cache.ts';
import { stageKeys } from './stage-key.ts';
import { runLayerStep } from './step.ts';
import type { CompressContext, StageResult } from './types.ts';

export interface RecipeInput {
  readonly model: Model;
  readonly anatomy: Anatomy;
  readonly sha256: string;
}

/**
 * Runs a plan's steps in order, taking up after the last stage that is cached. Nothing of a stage
 * that did not finish is kept.
 */
export async function runRecipe(
  input: RecipeInput,
  context: CompressContext,
  cache: StageCache | undefined,
): Promise<StageResult> {
  const { plan } = context;
  const seen = [context.statistics?.sha256, context.training?.sha256].filter((hash) => hash);
  const data = seen.length > 0 ? seen.join(' ') : undefined;
  const keys = await stageKeys(input.sha256, plan.recipe, plan.steps, data);
  const cached = await lastCached(cache, keys);
  let result: StageResult = cached.result ?? { model: input.model, measured: [], trained: [] };
  for (let i = 0; i < cached.done; i++) context.progress(i, 1, 'kept from an earlier run');
  for (let i = cached.done; i < plan.steps.length; i++) {
    const step = { planned: plan.steps[i], position: i, key: keys[i + 1] };
    const stage = await runStep(step, result.model, input, context);
    context.progress(i, 1);
    result = {
      model: stage.model,
      measured: [...result.measured, ...stage.measured],
      trained: [...result.trained, ...stage.trained],
    };
    await cache?.put(keys[i + 1], result);
  }
  return result;
}

interface StepToRun {
  readonly planned: PlannedStep;
  /** Position among the plan's steps. */
  readonly position: number;
  /** Content address of what the step makes. */
  readonly key: string;
}

function runStep(
  step: StepToRun,
  model: Model,
  input: RecipeInput,
  context: CompressContext,
): Promise<StageResult> {
  const { planned, position } = step;
  const { method } = planned;
  const { anatomy } = planned.ground ?? input;
  if (method.kind === 'layer') return runLayerStep(method, model, planned, position, context);
  return method.kind === 'graph'
    ? runGraphStep(method, planned, model, anatomy, context)
    : runTrainingStep(method, step, model, { ...input, anatomy }, context);
}

async function runGraphStep(
  method: GraphMethod<never>,
  { step, targets, index }: PlannedStep,
  model: Model,
  anatomy: Anatomy,
  context: CompressContext,
): Promise<StageResult> {
  const graphMethod = method as GraphMethod;
  const options = method.meta.options.parse(step.options);
  const outcome = await graphMethod.rewrite(model, anatomy, targets, options, {
    random: layerRandom(context.plan.recipe.seed, index, method.meta.id),
    planning: false,
    ...(context.signal && { signal: context.signal }),
  });
  return { model: outcome.model, measured: [], trained: [] };
}

async function runTrainingStep(
  method: TrainingMethod,
  { planned, position, key }: StepToRun,
  model: Model,
  { anatomy, model: original }: RecipeInput,
  context: CompressContext,
): Promise<StageResult> {
  if (context.training === undefined) throw calibrationMissing(method.meta);
  const { step, targets, index } = planned;
  const setup = await method.prepare(
    model,
    anatomy,
    targets,
    method.meta.options.parse(step.options),
    {
      random: layerRandom(context.plan.recipe.seed, index, method.meta.id),
      planning: false,
      original,
      ...(context.signal && { signal: context.signal }),
    },
  );
  const { trained, record } = await context.training.train(setup, key, {
    ...(context.signal && { signal: context.signal }),
    progress: (fraction, detail) => context.progress(position, fraction, detail),
  });
  return {
    model: await setup.finish(trained),
    measured: [],
    trained: [{ ...record, step: index, method: method.meta.id }],
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
