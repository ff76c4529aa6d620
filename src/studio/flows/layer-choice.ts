import { useModel } from '../state/model-store.ts';
import { chosenLayers, useView } from '../state/view-store.ts';

/** The chosen layers, for actions that work on all of them. */
export function chosenNow(): readonly string[] {
  return chosenLayers(useView.getState());
}

/** Moves the shared selection through the layers, stopping at the ends. */
export function selectNeighbour(by: number): void {
  const layers = useModel.getState().view?.anatomy.layers ?? [];
  const at = layers.findIndex(({ name }) => name === useView.getState().layer);
  const next = layers[Math.min(layers.length - 1, Math.max(0, at + by))];
  if (next !== undefined) useView.setState({ layer: next.name, alongside: [] });
}
