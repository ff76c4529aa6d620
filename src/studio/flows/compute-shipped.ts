import type { Trial } from '../../../workers/protocol.ts';
import { notify } from '../state/notice-store.ts';
import { start } from '../strings/en-start.ts';
import { runAnother } from './run-recipe.ts';

/**
 * Makes the file of a shipped trial by running its recipe, and measures it here. The recipe on the bench stays;
 * the trial that is made takes the place of the shipped one. Resolves to nothing where it could not be made.
 */
export function computeShipped(trial: Trial): Promise<Trial | undefined> {
  return runAnother(trial.recipe);
}

/** Whether the trial's file is in this browser; where it is not, the user is offered to compute it. */
export function hasFile(trial: Trial): boolean {
  if (trial.shipped !== true) return true;
  notify(start.noFileYet(trial.name), {
    action: { label: start.computeHere, perform: () => void computeShipped(trial) },
  });
  return false;
}
