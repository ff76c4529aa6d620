import type { Trial } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { announce } from '../state/notice-store.ts';
import { keepOrder, orderedSteps } from '../state/order-store.ts';
import { adoptDecisions, currentRecipe, useRecipe } from '../state/recipe-store.ts';
import { addTrial, knownTrial } from '../state/trials.ts';
import { useView } from '../state/view-store.ts';
import { orders } from '../strings/en-orders.ts';
import { runBlockedBy, underBar } from './run-recipe.ts';

/** Whether the orders can be compared, and why not. */
function blockedBy(): string | undefined {
  const { length } = orderedSteps(useRecipe.getState().steps);
  return length === 2 ? runBlockedBy() : orders.two(length);
}

/** Runs the two steps on the bench both ways round and each alone; the four trials stand among all others. */
export async function compareOrders(): Promise<void> {
  const asked = currentRecipe();
  const take = (trial: Trial): undefined => void addTrial(trial);
  const found = await underBar(blockedBy(), take, (onProgress) =>
    clients().engine.compareOrders(asked, onProgress),
  );
  if (found === undefined) return;
  const joint = found.runs.find(({ run }) => run === 'ab')?.trial;
  const { recipe } = (joint === undefined ? undefined : knownTrial(joint)) ?? {};
  keepOrder(found, asked, ...(recipe ? [{ ...asked, steps: recipe.steps }] : []));
  if (recipe) adoptDecisions(asked, recipe);
  if (joint !== undefined) useView.setState({ trial: joint });
  announce(orders.finished);
}
