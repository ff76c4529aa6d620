import { create } from 'zustand';
import type { Forecast, StudioError } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { toStudioError } from '../../../workers/errors.ts';
import { useModel } from './model-store.ts';
import { currentRecipe, sameDocument, useRecipe, type RecipeState } from './recipe-store.ts';

export interface ForecastState {
  readonly forecast?: Forecast;
  /** The recipe has changed since, and its answer is taking longer than a blink: not exact, to be greyed. */
  readonly stale?: boolean;
  readonly error?: StudioError;
}

/** The exact size of the recipe on the bench. The last answer stays until the next one is there. */
export const useForecast = create<ForecastState>()(() => ({}));

/** Whether the forecast answers the recipe on the bench, and says something: one with problems has no size. */
export function isCurrent({ forecast, stale }: ForecastState): boolean {
  return forecast !== undefined && stale !== true && forecast.problems.length === 0;
}

/** Answers that are quicker than this are simply there: greying them would only flicker. */
const BLINK_MS = 120;

let staleTimer: ReturnType<typeof setTimeout> | undefined;

/** From now on the forecast that is shown answers an older question, unless the new answer is there in a blink. */
function questionOpen(): void {
  staleTimer ??= setTimeout(() => useForecast.setState({ stale: true }), BLINK_MS);
}

function questionClosed(): void {
  clearTimeout(staleTimer);
  staleTimer = undefined;
}

async function refresh(): Promise<void> {
  clearTimeout(restTimer);
  if (useModel.getState().view === undefined) {
    questionClosed();
    return useForecast.setState({}, true);
  }
  questionOpen();
  try {
    const document = useRecipe.getState();
    const recipe = currentRecipe();
    const forecast = await clients().engine.forecast(recipe);
    // Overtaken: the newer question closes it.
    if (forecast === undefined) return;
    questionClosed();
    // While newer questions keep coming, this answer is the best there is, but not theirs.
    const overtaken = !sameDocument(useRecipe.getState(), document);
    const stale = overtaken && useForecast.getState().stale === true;
    if (overtaken) questionOpen();
    const answer = { ...forecast, problems: kept(forecast) };
    useForecast.setState({ forecast: answer, ...(stale && { stale }) }, true);
    if (forecast.trains)
      restTimer = setTimeout(() => void lookAtTraining(forecast, document), REST_MS);
  } catch (thrown) {
    questionClosed();
    // What was forecast before is no answer to this.
    useForecast.setState({ error: toStudioError(thrown) }, true);
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
  const isAsked = (): boolean => sameDocument(useRecipe.getState(), document);
  if (!isAsked()) return;
  const asked = clients().engine.trainingForecast(currentRecipe());
  // A thread that was lost knows of no problem; the run itself would say it.
  const training = await asked.catch(() => ({ peak: 0, problems: [] }));
  if (training === undefined || !isAsked()) return;
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
