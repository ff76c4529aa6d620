import type { Trial } from '../../../workers/protocol.ts';
import { go } from '../actions/navigation.ts';
import { useModel } from '../state/model-store.ts';
import { notify } from '../state/notice-store.ts';
import { loadRecipe } from '../state/recipe-store.ts';
import { runs } from '../strings/en-runs.ts';
import { runRecipe } from './run-recipe.ts';

/** Runs a trial's recipe once more on its model; what an interrupted run kept is taken up where it lies. */
export function runAgain({ recipe, name, model }: Trial): void {
  loadRecipe(recipe);
  if (useModel.getState().view?.sha256 !== model.sha256) {
    notify(runs.needsModel(name, model.name));
    go('/');
    return;
  }
  go('/studio');
  void runRecipe();
}
