import { create } from 'zustand';
import type { Forecast, StudioError } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { toStudioError } from '../../../workers/errors.ts';
import { useModel } from './model-store.ts';
import { currentRecipe, sameDocument, useRecipe } from './recipe-store.ts';

export interface ForecastState {
  readonly forecast?: Forecast;
  readonly error?: StudioError;
}

/** The exact size of the recipe on the bench. The last answer stays until the next one is there. */
export const useForecast = create<ForecastState>()(() => ({}));

async function refresh(): Promise<void> {
  if (useModel.getState().view === undefined) return useForecast.setState({}, true);
  try {
    const forecast = await clients().engine.forecast(currentRecipe());
    if (forecast !== undefined) useForecast.setState({ forecast }, true);
  } catch (thrown) {
    useForecast.setState({ error: toStudioError(thrown) });
  }
}

/** Starts following recipe and model; returns how to stop. */
export function followForecast(): () => void {
  const stopRecipe = useRecipe.subscribe((now, before) => {
    // All of the document is embedded in the file: even its name and seed have a size.
    if (!sameDocument(now, before)) void refresh();
  });
  const stopModel = useModel.subscribe((now, before) => {
    if (now.view !== before.view) void refresh();
  });
  void refresh();
  return () => {
    stopRecipe();
    stopModel();
  };
}
