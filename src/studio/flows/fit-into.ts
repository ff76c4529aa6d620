import type { Aim } from '../../core/methods/aims.ts';
import { fitSteps } from '../recipe/fit-steps.ts';
import { methodCard, useCatalog, type MethodCard } from '../recipe/method-card.ts';
import { aimText } from '../recipe/read-aim.ts';
import { recipeOf, replaceSteps, selectStep, useRecipe } from '../state/recipe-store.ts';
import { notify } from '../state/notice-store.ts';
import { fit as t } from '../strings/en-fit.ts';
import { clients } from '../client/clients.ts';

/** The method that can be told what a file shall come to. */
export function useAiming(): MethodCard | undefined {
  return useCatalog((state) => state.cards.find(({ aims }) => aims !== undefined));
}

/** Puts a step on the bench that makes the file come to this, or tells the one that is there. One change, taken back as one. */
export function fitInto(card: MethodCard, aim: Aim): void {
  const { steps: before } = useRecipe.getState();
  const { steps, replaced } = fitSteps(before, card, methodCard, card.aims?.toward(aim) ?? {});
  replaceSteps(steps);
  selectStep(useRecipe.getState().steps.find(({ method }) => method === card.id)?.key);
  const gone = replaced.map(({ method }) => methodCard(method)?.title ?? method);
  notify(
    gone.length === 0 ? t.set(card.title, aimText(aim)) : t.replaced(card.title, gone.join(', ')),
  );
}

/** Bytes of the smallest file that the recipe could come to, so far as that can be told before anything runs. */
export async function leastBytes(card: MethodCard): Promise<number | null> {
  const recipe = recipeOf(useRecipe.getState());
  const { steps } = fitSteps(recipe.steps, card, methodCard, card.aims?.least() ?? {});
  const forecast = await clients().engine.sizeOf({ ...recipe, steps: [...steps] });
  return forecast.problems.length === 0 ? forecast.bytes : null;
}
