import { methodById } from '../methods/registry.ts';
import { sharedOptions } from './shared-options.ts';
import type { Recipe } from './types.ts';

/**
 * The recipe with one step's method replaced by its baseline: same target, the options both have, all other steps
 * as they are. Undefined where that step's method is a baseline itself, or there is no such step.
 */
export function baselineRecipe(recipe: Recipe, stepIndex: number): Recipe | undefined {
  const step = recipe.steps.at(stepIndex);
  const method = step && methodById(step.method);
  const id = method?.meta.baseline;
  if (step === undefined || id === undefined) return undefined;
  const options = sharedOptions(methodById(id), step.options, method);
  const steps = recipe.steps.with(stepIndex, { ...step, method: id, options });
  const { name, ...rest } = recipe;
  return { ...rest, ...(name !== undefined && { name: `${name}, baseline` }), steps };
}

/** The last step that runs and has a baseline: what a trial's verdict is about. */
export function comparedStep({ steps }: Recipe): number | undefined {
  const index = steps.findLastIndex(
    ({ method, disabled }) => disabled !== true && methodById(method).meta.baseline !== undefined,
  );
  return index < 0 ? undefined : index;
}
