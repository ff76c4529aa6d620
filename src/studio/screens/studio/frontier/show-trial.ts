import { announce } from '../../../state/notice-store.ts';
import { loadRecipe } from '../../../state/recipe-store.ts';
import { knownTrial } from '../../../state/trials.ts';
import { useView } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';

/** Shows a trial's result; the recipe on the bench stays as it is. */
export function showTrial(id: string): void {
  const trial = knownTrial(id);
  if (trial === undefined) return;
  useView.setState({ trial: id });
  announce(words.shown(trial.name));
}

/** Puts a trial's recipe on the bench, and shows it; undo brings the other recipe back. */
export function loadTrial(id: string): void {
  const trial = knownTrial(id);
  if (trial === undefined) return;
  loadRecipe(trial.recipe);
  useView.setState({ trial: id });
  announce(en.frontier.restored(trial.name));
}
