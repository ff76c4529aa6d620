import type { Trial } from '../../../workers/protocol.ts';
import { go } from '../actions/navigation.ts';
import { useModel } from '../state/model-store.ts';
import { notify } from '../state/notice-store.ts';
import { knownOrigins } from '../state/recent.ts';
import { loadRecipe } from '../state/recipe-store.ts';
import { runs } from '../strings/en-runs.ts';
import { openReference } from './open-model.ts';
import { runAnother } from './run-recipe.ts';

/**
 * Runs a trial's recipe once more on its model, which is opened where it is known from where; what an interrupted
 * run kept is taken up where it lies.
 */
export async function runAgain({ recipe, name, model }: Trial): Promise<void> {
  loadRecipe(recipe);
  if (!(await opened(model))) {
    notify(runs.needsModel(name, model.name));
    go('/');
    return;
  }
  go('/studio');
  await runAnother(recipe);
}

/** Whether the model is open, or could be opened. */
export async function opened({ sha256 }: Trial['model']): Promise<boolean> {
  const isOpen = (): boolean => useModel.getState().view?.sha256 === sha256;
  const origin = knownOrigins()[sha256];
  if (isOpen() || origin === undefined || origin === 'file') return isOpen();
  go('/studio');
  await openReference(origin);
  return isOpen();
}
