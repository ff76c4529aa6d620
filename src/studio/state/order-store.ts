import { create } from 'zustand';
import type { OrderView } from '../../../workers/protocol.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { benchKey } from './bench.ts';
import { useModel } from './model-store.ts';
import { recipeOf, useRecipe, type EditableStep } from './recipe-store.ts';

/** What was found of the orders of two steps, by model and recipe: it shows again when the bench does. */
export const useOrders = create<Readonly<Record<string, OrderView>>>()(() => ({}));

function keyOf(recipe: Recipe, sha256: string | undefined): string {
  return `${sha256} ${benchKey(recipe)}`;
}

/** Keeps a finding for the recipe that was asked for, and for the one with everything decided. */
export function keepOrder(found: OrderView, ...recipes: readonly Recipe[]): void {
  const sha256 = useModel.getState().view?.sha256;
  useOrders.setState(Object.fromEntries(recipes.map((recipe) => [keyOf(recipe, sha256), found])));
}

/** What was found for the recipe on the bench. */
export function useBenchOrder(): OrderView | undefined {
  const recipe = recipeOf(useRecipe());
  const sha256 = useModel((state) => state.view?.sha256);
  return useOrders((state) => state[keyOf(recipe, sha256)]);
}

/** The steps whose order there is, with their numbers on the bench. */
export function orderedSteps(
  steps: readonly EditableStep[],
): readonly { readonly number: number; readonly step: EditableStep }[] {
  return steps.flatMap((step, at) => (step.disabled === true ? [] : [{ number: at + 1, step }]));
}
