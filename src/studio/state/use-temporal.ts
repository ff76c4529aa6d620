import { useStore } from 'zustand';
import type { TemporalState } from 'zundo';
import { useRecipe } from './recipe-store.ts';

type History = TemporalState<unknown>;

/** The undo history of the recipe, as a hook. */
export function useTemporal<Result>(select: (history: History) => Result): Result {
  return useStore(useRecipe.temporal, (history) => select(history as unknown as History));
}
