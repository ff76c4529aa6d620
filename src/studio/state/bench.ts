import type { Recipe } from '../../core/recipe/types.ts';
import type { Trial } from '../../../workers/protocol.ts';
import { sortedKeys } from '../recipe/sorted-keys.ts';
import { recipeOf, useRecipe } from './recipe-store.ts';
import { useModelTrials, useShownTrial } from './trials.ts';

/**
 * Whether two recipes ask for the same bytes: names and steps that are switched off make no difference.
 * Keys of options may stand in any order.
 */
export function sameBench(a: Recipe, b: Recipe): boolean {
  return benchKey(a) === benchKey(b);
}

/** What two recipes that ask for the same bytes have in common. */
export function benchKey({ seed, calibration, steps }: Recipe): string {
  const active = steps.filter(({ disabled }) => disabled !== true);
  const asked = active.map(({ method, target, options }) => ({ method, target, options }));
  return JSON.stringify({ seed, calibration, asked }, sortedKeys);
}

/** The finished trial that the recipe on the bench has led to already, if any. */
export function useBenchTrial(): Trial | undefined {
  const recipe = recipeOf(useRecipe());
  return useModelTrials().find(
    (trial) => trial.state === 'done' && sameBench(trial.recipe, recipe),
  );
}

/** Whether the trial that is shown came of another recipe than the one on the bench. */
export function useShowsAnother(): boolean {
  const recipe = recipeOf(useRecipe());
  const shown = useShownTrial();
  return shown !== undefined && !sameBench(shown.recipe, recipe);
}
