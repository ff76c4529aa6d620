import { useEffect } from 'react';
import { useCatalog } from '../../../recipe/method-card.ts';
import type { Recipe } from '../../../../core/recipe/types.ts';
import { useModel } from '../../../state/model-store.ts';
import { notify } from '../../../state/notice-store.ts';
import { loadRecipe, undo, useRecipe } from '../../../state/recipe-store.ts';
import { isNewModel, useShelf } from '../../../state/shelf.ts';
import { start } from '../../../strings/en-recipe.ts';

/** The calibration on the bench stays: it belongs to the data at hand, not to the recipe that is taken. */
export function forThisBench(recipe: Recipe): Recipe {
  const { calibration } = useRecipe.getState();
  return { ...recipe, calibration: calibration ?? recipe.calibration };
}

/** A ready recipe says nothing of the seed: the bench keeps its own. */
export function withBenchSeed(recipe: Recipe): Recipe {
  return { ...forThisBench(recipe), seed: useRecipe.getState().seed };
}

/**
 * A beginner never faces an empty list: the first visit starts with the careful preset. Whoever chose a default of
 * their own finds it there for every model opened anew, and can go back to what was on the bench.
 */
export function useFirstRecipe(): void {
  const presets = useCatalog((state) => state.presets);
  const sha256 = useModel((state) => state.view?.sha256);
  useEffect(() => {
    const { pastStates, clear } = useRecipe.temporal.getState();
    if (useRecipe.getState().steps.length > 0 || pastStates.length > 0) return;
    const first = preferredRecipe() ?? presets.at(0)?.recipe;
    if (first === undefined) return;
    loadRecipe(withBenchSeed(first));
    clear();
  }, [presets]);
  useEffect(() => {
    if (sha256 !== undefined && isNewModel(sha256)) takeDefault();
  }, [sha256]);
}

function preferredRecipe(): Recipe | undefined {
  const { recipes, preferred } = useShelf.getState();
  return recipes.find(({ name }) => name === preferred)?.recipe;
}

/** A recipe that came with the model, or with a link, was asked for more plainly than a default. */
function takeDefault(): void {
  const recipe = preferredRecipe();
  const brought = useModel.getState().view?.recipe !== undefined || /[#&]r=/.test(location.hash);
  if (recipe?.name === undefined || brought || useRecipe.getState().name === recipe.name) return;
  loadRecipe(forThisBench(recipe));
  notify(start.defaultTaken(recipe.name), { action: { label: start.undo, perform: undo } });
}
