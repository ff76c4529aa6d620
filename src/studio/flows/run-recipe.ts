import type { Recipe } from '../../core/recipe/types.ts';
import type { JobProgress, RunWishes, Trial } from '../../../workers/protocol.ts';
import { toStudioError } from '../../../workers/errors.ts';
import { clients } from '../client/clients.ts';
import { fullSentence } from '../recipe/problem-words.ts';
import { stepNames } from '../recipe/step-names.ts';
import { useForecast } from '../state/forecast-store.ts';
import { advance, canEndMeasuring, IDLE, useJob } from '../state/job-store.ts';
import { useModel } from '../state/model-store.ts';
import { announce, notify } from '../state/notice-store.ts';
import { adoptDecisions, currentRecipe } from '../state/recipe-store.ts';
import { addTrial, refreshTrials } from '../state/trials.ts';
import { useView } from '../state/view-store.ts';
import { chosenParts } from '../state/parts.ts';
import { en } from '../strings/en.ts';
import { enMeasuring } from '../strings/en-measuring.ts';

/** Whether Run would start, and why not. */
export function runBlockedBy(): string | undefined {
  const { view } = useModel.getState();
  const { forecast } = useForecast.getState();
  if (view === undefined) return en.run.noModel;
  if (useJob.getState().running) return en.run.already;
  if (currentRecipe().steps.every((step) => step.disabled === true)) return en.run.noSteps;
  const problem = forecast?.problems.at(0);
  return problem && fullSentence(problem, stepNames(currentRecipe().steps));
}

/**
 * Runs the recipe on the bench; the previous result stays on screen until the new one is there. One that was run and
 * measured before answers with its kept trial, unless it is to be measured `again`.
 */
export async function runRecipe({ again = false }: Pick<RunWishes, 'again'> = {}): Promise<
  Trial | undefined
> {
  return start(currentRecipe(), runBlockedBy(), again);
}

/** Runs another recipe than the one on the bench, which stays there. */
export async function runAnother(recipe: Recipe): Promise<Trial | undefined> {
  return start(recipe, useJob.getState().running ? en.run.already : undefined, false);
}

async function start(
  asked: Recipe,
  blocked: string | undefined,
  again: boolean,
): Promise<Trial | undefined> {
  const begun = Date.now();
  const take = (trial: Trial) => measured(asked, trial);
  const trial = await underBar(blocked, take, async (onProgress) => {
    const parts = partsToRun();
    const ran = await clients().engine.run(asked, onProgress, { parts, again });
    measured(asked, ran);
    useView.setState({ trial: ran.id });
    if (parts !== undefined) await refreshTrials();
    return ran;
  });
  if (trial === undefined) return undefined;
  if (trial.createdAt < begun) sayKept(trial);
  else announce(en.run.finished(trial.name));
  return trial;
}

/**
 * Work of the runs' thread under the one bar, which Cancel ends: nothing comes back then, nor where it fails or is
 * `blocked` for a reason. `take` is given each trial once it is measured, and answers with it where it is shown.
 */
export async function underBar<Result>(
  blocked: string | undefined,
  take: (trial: Trial) => Trial | undefined,
  work: (onProgress: (progress: JobProgress) => void) => Promise<Result>,
): Promise<Result | undefined> {
  if (blocked !== undefined) {
    notify(blocked);
    return undefined;
  }
  useJob.setState({ ...IDLE, running: true }, true);
  announce(en.run.started);
  let shown: Trial | undefined;
  try {
    const result = await work((progress) => {
      const before = useJob.getState();
      if (!before.running) return;
      if (before.progress?.stage !== progress.stage) announce(progress.stage);
      announceResumed(progress);
      if (progress.notice !== undefined) notify(progress.notice);
      useJob.setState(advance(before, progress));
      if (progress.trial !== undefined) shown = take(progress.trial) ?? shown;
    });
    useJob.setState(IDLE, true);
    return result;
  } catch (thrown) {
    failed(thrown, shown);
    // What failed is kept as well, with its reason.
    await refreshTrials();
    return undefined;
  }
}

/** Runs and measures the recipe on the bench as if it had never been run. */
export function measureAgain(): Promise<Trial | undefined> {
  return runRecipe({ again: true });
}

/** Takes a trial in, and shows it if it is of the open model: checks that go on add to it later. */
function measured(asked: Recipe, trial: Trial): Trial | undefined {
  addTrial(trial);
  if (trial.model.sha256 !== useModel.getState().view?.sha256) return undefined;
  adoptDecisions(asked, trial.recipe);
  useView.setState({ trial: trial.id });
  return trial;
}

function sayKept(trial: Trial): void {
  const perform = (): void => void measureAgain();
  notify(enMeasuring.kept(trial.name), { action: { label: enMeasuring.again, perform } });
}

/** Ends the measuring that is going on: the trial has what it has. */
export async function endMeasuring(): Promise<void> {
  if (!canEndMeasuring(useJob.getState()) || useJob.getState().ending) return;
  useJob.setState({ ending: true });
  await clients().engine.enough();
}

/** The open part with those chosen beside it; nothing when it runs alone. */
export function partsToRun(): readonly string[] | undefined {
  const { view } = useModel.getState();
  const chosen = chosenParts(view, useView.getState().alsoParts);
  return chosen.length > 1 ? chosen.map(({ path }) => path) : undefined;
}

function announceResumed({ trainingStart }: JobProgress): void {
  if (trainingStart === undefined || trainingStart.resumedAt === 0) return;
  notify(en.training.continues(trainingStart.resumedAt, trainingStart.steps));
}

function failed(thrown: unknown, shown: Trial | undefined): void {
  const error = toStudioError(thrown);
  const trained = useJob.getState().training?.last !== undefined;
  if (error.code === 'cancelled') {
    useJob.setState(IDLE, true);
    notify(shown ? enMeasuring.cancelledMeasured(shown.name) : cancelledWords(trained));
  } else {
    useJob.setState({ ...IDLE, error }, true);
    announce(error.message);
  }
}

function cancelledWords(trained: boolean): string {
  return trained ? en.training.cancelled : enMeasuring.cancelled;
}

export async function cancelRun(): Promise<void> {
  const { running, cancelling } = useJob.getState();
  if (!running || cancelling) return;
  useJob.setState({ cancelling: true });
  await clients().engine.cancel();
}

/** Whether there is a training that can be paused, or is. */
export function canPause(): boolean {
  const { running, cancelling, training } = useJob.getState();
  return running && !cancelling && training?.over === false;
}

/** Pauses the training that is going on, or lets it go on. */
export async function togglePause(): Promise<void> {
  if (!canPause()) return;
  const paused = !useJob.getState().paused;
  useJob.setState({ paused });
  announce(paused ? en.training.paused : en.training.resumed);
  const { engine } = clients();
  await (paused ? engine.pause() : engine.resume());
}
