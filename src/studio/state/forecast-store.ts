import { create } from 'zustand';
import type { Forecast, StudioError } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { toStudioError } from '../../../workers/errors.ts';
import { useModel } from './model-store.ts';
import { currentRecipe, sameDocument, useRecipe, type RecipeState } from './recipe-store.ts';

export interface ForecastState {
  readonly forecast?: Forecast;
  readonly error?: StudioError;
}

/** The exact size of the recipe on the bench. The last answer stays until the next one is there. */
export const useForecast = create<ForecastState>()(() => ({}));

async function refresh(): Promise<void> {
  clearTimeout(restTimer);
  if (useModel.getState().view === undefined) return useForecast.setState({}, true);
  try {
    const document = useRecipe.getState();
    const recipe = currentRecipe();
    const forecast = await clients().engine.forecast(recipe);
    if (forecast === undefined) return;
    useForecast.setState({ forecast: { ...forecast, problems: kept(forecast) } }, true);
    if (forecast.trains)
      restTimer = setTimeout(() => void lookAtTraining(forecast, document), REST_MS);
  } catch (thrown) {
    useForecast.setState({ error: toStudioError(thrown) });
  }
}

/** Options have come to rest when nothing changed for this long. */
const REST_MS = 250;

let restTimer: ReturnType<typeof setTimeout> | undefined;
/** What stood in the way of the training last shown: it stays until the new training was looked at. */
let trainingProblems: Forecast['problems'] = [];

function kept({ trains, problems }: Forecast): Forecast['problems'] {
  if (!trains) trainingProblems = [];
  return [...problems, ...trainingProblems];
}

/** A training graph takes longer than a slider allows, so it is looked at afterwards. */
async function lookAtTraining(forecast: Forecast, document: RecipeState): Promise<void> {
  const isCurrent = (): boolean => sameDocument(useRecipe.getState(), document);
  if (!isCurrent()) return;
  const asked = clients().engine.trainingForecast(currentRecipe());
  // A thread that was lost knows of no problem; the run itself would say it.
  const training = await asked.catch(() => ({ peak: 0, problems: [] }));
  if (training === undefined || !isCurrent()) return;
  trainingProblems = training.problems;
  const peakMemory = Math.max(forecast.peakMemory, training.peak);
  useForecast.setState({ forecast: { ...forecast, peakMemory, problems: kept(forecast) } }, true);
}

/** Starts following recipe and model; returns how to stop. */
export function followForecast(): () => void {
  const stopRecipe = useRecipe.subscribe((now, before) => {
    // All of the document is embedded in the file: even its name and seed have a size.
    if (!sameDocument(now, before)) void refresh();
  });
  const stopModel = useModel.subscribe((now, before) => {
    if (now.view === before.view) return;
    trainingProblems = [];
    void refresh();
  });
  void refresh();
  return () => {
    stopRecipe();
    stopModel();
  };
}
