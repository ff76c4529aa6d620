import { except, exceptedNames, include } from '../recipe/target.ts';
import { useModel } from '../state/model-store.ts';
import { retarget, useRecipe } from '../state/recipe-store.ts';
import { useView } from '../state/view-store.ts';

/** A layer is excluded when every step excepts it by name. */
export function isExcluded(
  steps: ReturnType<typeof useRecipe.getState>['steps'],
  name: string,
): boolean {
  return steps.length > 0 && steps.every(({ target }) => exceptedNames(target).includes(name));
}

export function toggleExcluded(name: string | undefined): void {
  if (name === undefined) return;
  const change = isExcluded(useRecipe.getState().steps, name) ? include : except;
  retarget((target) => change(target, name));
}

/** Moves the shared selection through the layers, stopping at the ends. */
export function selectNeighbour(by: number): void {
  const layers = useModel.getState().view?.anatomy.layers ?? [];
  const at = layers.findIndex(({ name }) => name === useView.getState().layer);
  const next = layers[Math.min(layers.length - 1, Math.max(0, at + by))];
  if (next !== undefined) useView.setState({ layer: next.name });
}
