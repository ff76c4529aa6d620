import type { Anatomy } from '../../core/anatomy/types.ts';
import type { GraphMethod } from '../../core/methods/contract.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { PlannedStep } from '../../core/recipe/plan-types.ts';
import { layerRandom } from './random.ts';
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
  const keys = await stageKeys(input.sha256, plan.recipe, plan.steps, context.statistics?.sha256);
  const cached = await lastCached(cache, keys);
  let result: StageResult = cached.result ?? { model: input.model, measured: [] };
  for (let i = 0; i < cached.done; i++) context.progress(i, 1, 'kept from an earlier run');
  for (let i = cached.done; i < plan.steps.length; i++) {
    const stage = await runStep(plan.steps[i], result.model, input.anatomy, i, context);
    context.progress(i, 1);
    result = { model: stage.model, measured: [...result.measured, ...stage.measured] };
    await cache?.put(keys[i + 1], result);
  }
  return result;
}

function runStep(
  planned: PlannedStep,
  model: Model,
  anatomy: Anatomy,
  position: number,
  context: CompressContext,
): Promise<StageResult> {
  const { method } = planned;
  return method.kind === 'graph'
    ? runGraphStep(method, planned, model, anatomy, context)
    : runLayerStep(method, model, planned, position, context);
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
  return { model: outcome.model, measured: [] };
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
