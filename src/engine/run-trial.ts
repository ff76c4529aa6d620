import { throwIfCancelled } from '../core/errors/lathe-error.ts';
import { recipeLine } from '../core/recipe/describe.ts';
import { parseRecipe } from '../core/recipe/schema.ts';
import type { Decision, Report } from '../core/report/types.ts';
import type { Model } from '../core/onnx/types.ts';
import { buildModel, compressed } from './build-model.ts';
import { Spill } from './compress/spill.ts';
import { closedRecipe, type RunPrefix } from './decide.ts';
import type { Host } from './host.ts';
import type { Job, TrialHooks, TrialInput } from './job.ts';
import { compareDevices, measureTrial } from './measure/measure-trial.ts';
import { expectedId, prepareJob, trialId, type Run } from './prepare-job.ts';
import { neverBackwards } from './progress.ts';
import { RunDevices } from './run-devices.ts';
import { StageTimes, timedStages } from './stage-times.ts';
import { finishedBefore } from './trials/finished-before.ts';
import { TrialStore } from './trials/store.ts';
import { Trace } from './trials/trace.ts';
import type { Trial } from './trials/types.ts';
import { WorkClock } from './work-clock.ts';

export type { TrialHooks, TrialInput } from './job.ts';

/**
 * One recipe on one model, start to end: plan, calibrate, compress, write, open again, measure, keep, compare
 * devices. All that can be refused is refused before the work starts. A run that is cancelled or fails leaves its
 * finished stages in the cache, and no file; where the host says so, a trial without one that tells how far it came.
 */
export async function runTrial(host: Host, input: TrialInput, given: TrialHooks): Promise<Trial> {
  const trace = new Trace(host);
  const progress = neverBackwards((event) => {
    trace.reached(event);
    given.progress(event);
  });
  const spill = new Spill(host.storage, `${host.now()}-${runs++}`);
  try {
    return await trialWith(host, input, { ...given, progress }, { spill, trace });
  } finally {
    await spill.discard();
  }
}

/** Runs of this thread so far: two of the same millisecond have places of their own. */
let runs = 0;

async function trialWith(
  given: Host,
  input: TrialInput,
  asked: TrialHooks,
  { spill, trace }: { readonly spill: Spill; readonly trace: Trace },
): Promise<Trial> {
  const clock = new WorkClock(given.now);
  const hooks = asked.paused ? { ...asked, paused: clock.watched(asked.paused) } : asked;
  const devices = new RunDevices(given, hooks.onNotice);
  const host = { ...given, runtime: devices.runtime };
  const run = { host, devices, hooks, spill, clock: clock.now };
  const wanted = await closed(run, input);
  const job = await devices.attempt(() => prepareJob(run, wanted));
  const store = new TrialStore(host.storage);
  const id = await expectedId(job);
  const before = input.reuse === true && (await finishedBefore(store, id, devices.device));
  if (before) return before;
  return trace.during(trialOf(job, id), () => runJob(job, store, id));
}

/** The same with every decision made. Whoever asks: the document that is run, kept and embedded is the parsed one. */
async function closed(run: Run, input: TrialInput): Promise<TrialInput> {
  const asked = { ...input, recipe: parseRecipe(input.recipe) };
  const before: RunPrefix = (open, count) => modelBefore(run, { ...asked, recipe: open }, count);
  let decisions: Decision[] = [];
  const recipe = await run.devices.attempt(() => {
    decisions = [];
    return closedRecipe(run, asked, before, (decision) => decisions.push(decision));
  });
  return { ...input, recipe, ...(decisions.length > 0 && { decisions }) };
}

async function runJob(job: Job, store: TrialStore, id: string): Promise<Trial> {
  const draft = store.draft(id);
  try {
    const built = await buildModel(job, draft);
    const report = await measureTrial(job, built, await draft.open());
    throwIfCancelled(job.hooks.signal);
    // Only now it is known which devices decided the bytes.
    const trial: Trial = { ...trialOf(job, await trialId(job)), state: 'done', report };
    const whole =
      report.evaluation?.stopped && (await finishedBefore(store, trial.id, job.devices.device));
    if (whole) {
      // What was measured to the end says more than what was not.
      job.hooks.onMeasured?.(whole);
      return whole;
    }
    await store.put(trial, draft);
    job.hooks.onMeasured?.(trial);
    return await compared(job, store, trial, report);
  } finally {
    await draft.discard();
  }
}

/** The kept trial with what the other device said of its file. From here on nothing is lost any more. */
async function compared(job: Job, store: TrialStore, trial: Trial, report: Report): Promise<Trial> {
  const parity = await compareDevices(job, await store.written(trial.id));
  const whole = { ...report, parity };
  const { storage, temporary } = job.host;
  if (temporary !== true) {
    const times = await StageTimes.read(storage);
    await times.learn(timedStages(job), job.bar).catch(ignored);
  }
  return store.report(trial.id, whole).catch(() => ({ ...trial, report: whole }));
}

/** A full storage costs a better guess of the time left, never the run. */
function ignored(): void {}

/** The model as the first steps of a recipe leave it: their stages are kept, so the run that follows takes them up. */
async function modelBefore(run: Run, input: TrialInput, count: number): Promise<Model> {
  if (count === 0) return input.open.model;
  const active = input.recipe.steps.flatMap(({ disabled }, index) => (disabled ? [] : [index]));
  const first = new Set(active.slice(0, count));
  const steps = input.recipe.steps.map((step, index) =>
    first.has(index) ? step : { ...step, disabled: true },
  );
  const recipe = { ...input.recipe, steps };
  const job = await prepareJob(run, { ...input, recipe }, { beginning: true });
  return (await compressed(job)).model;
}

/** A trial as it begins. */
function trialOf({ host, input }: Job, id: string): Omit<Trial, 'state'> {
  const { open, recipe } = input;
  return {
    id,
    model: { name: open.name, sha256: open.sha256 },
    name: recipe.name ?? recipeLine(recipe),
    recipe,
    createdAt: host.now(),
  };
}
