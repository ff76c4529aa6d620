import { LatheError, throwIfCancelled } from '../core/errors/lathe-error.ts';
import { planRecipe, type PlanOptions } from '../core/recipe/plan.ts';
import type { Plan } from '../core/recipe/plan-types.ts';
import type { Recipe } from '../core/recipe/types.ts';
import { FILE_ONLY } from '../core/report/types.ts';
import { needsOf } from '../core/methods/needs.ts';
import type { Device } from '../runtime/types.ts';
import { calibrationMissing } from './compress/require-calibration.ts';
import { runsModel } from './compress/stage-key.ts';
import { calibrationOn, DEFAULT_CALIBRATION, type CalibrationRuns } from './data/calibration.ts';
import { withLabels, worksWithGradients } from './data/labelled-calibration.ts';
import { prepareEvaluation } from './data/evaluation.ts';
import { sha256OfJson } from './hash.ts';
import type { Host } from './host.ts';
import type { Job, TrialInput } from './job.ts';
import { protocolOf } from './measure/protocol.ts';
import { assertMemory, measuringRefusal } from './memory.ts';
import type { OpenModel } from './model/open.ts';
import { JobProgressBar } from './progress.ts';
import { StageTimes, timedStages } from './stage-times.ts';
import { rehearseTraining } from './training/rehearse.ts';
import { datasetIn } from './vocabulary/kept-data.ts';
import { spokenBehind } from './vocabulary/spoken.ts';

/** What the parts of one run share before there is a job. */
export type Run = Pick<Job, 'host' | 'devices' | 'hooks' | 'spill'> & {
  /** Milliseconds of work, for the bar. */
  readonly clock: () => number;
};

/** All that can be refused is refused here, before the work starts. */
export async function prepareJob(
  run: Run,
  input: TrialInput,
  options: Pick<PlanOptions, 'beginning'> = {},
): Promise<Job> {
  const { host, hooks } = run;
  throwIfCancelled(hooks.signal);
  const { open, recipe, dataName } = input;
  const plan = await planOrThrow(open, recipe, { ...options, dataName });
  if (host.memoryLimit !== undefined) assertMemory(open, plan, host.memoryLimit);
  const unmeasured = notMeasuring(input, plan, host.memoryLimit);
  const calibration = await calibrationFor(host, input, plan);
  const spoken = await spokenBehind(open, plan.steps);
  const recalibrated = await recalibrations(host, input, plan);
  const trainingSha256 = await rehearseTraining(input, plan, host.memoryLimit, host.runtime);
  const measuring = protocolOf(open, plan);
  const evaluation = await prepareEvaluation(
    open,
    input.evaluation,
    measuring,
    input.calibration,
    host.runtime,
    spoken,
  );
  const { clock, ...rest } = run;
  const read = { calibration, recalibrated, spoken };
  const facts = { ...rest, input, plan, ...read, trainingSha256, evaluation, unmeasured };
  const times = await StageTimes.read(host.storage);
  const bar = new JobProgressBar(times.expected(timedStages(facts)), hooks.progress, clock);
  return { ...facts, bar };
}

/** Why nothing will be run to measure the file; undefined where it will be. */
function notMeasuring(
  { open, measure }: TrialInput,
  plan: Plan,
  limit: number | undefined,
): string | undefined {
  if (measure === false) return FILE_ONLY;
  return limit === undefined ? undefined : measuringRefusal(open, plan, limit);
}

/** The exact plan of a recipe, or the first of its problems as an error. */
export async function planOrThrow(
  open: OpenModel,
  recipe: Recipe,
  options: PlanOptions = {},
): Promise<Plan> {
  const plan = await planRecipe(open.model, open.anatomy, recipe, options);
  const [problem] = plan.problems;
  if (problem === undefined) return plan;
  throw new LatheError('recipe-cannot-run', problem.message, { path: problem.path });
}

/**
 * Identity of a run: the same model, recipe, calibration and evaluation make the same trial, on devices that
 * make the same bytes. WebAssembly, which does, is not named.
 */
export async function trialId(
  job: Job,
  decided: readonly Device[] = job.devices.decided,
): Promise<string> {
  const { input, calibration, trainingSha256, evaluation } = job;
  const others = decided.some((device) => device !== 'wasm');
  const { recipe, open } = input;
  const parts = {
    model: open.sha256,
    recipe,
    calibration: calibration?.sha256,
    evaluation: evaluation.sha256,
    ...(evaluation.measuring !== 'windows' && { measuring: evaluation.measuring }),
    ...(trainingSha256 !== undefined && { training: trainingSha256 }),
    ...(others && { devices: decided }),
  };
  return (await sha256OfJson(parts)).slice(0, 16);
}

/** The identity a run will have when no device fails. */
export function expectedId(job: Job): Promise<string> {
  const { plan, devices } = job;
  const run = plan.steps.some(({ work }) => runsModel(work)) ? [devices.device] : [];
  return trialId(job, [...new Set([...devices.decided, ...run])]);
}

async function calibrationFor(
  host: Host,
  { open, recipe, calibration }: TrialInput,
  plan: Plan,
): Promise<CalibrationRuns | undefined> {
  const needy = plan.steps.find(({ method, options }) =>
    needsOf(method.meta, options).includes('calibration'),
  );
  if (needy === undefined || !plan.needsCalibration) return undefined;
  if (calibration === undefined) throw calibrationMissing(needy.method.meta);
  const amount = recipe.calibration ?? DEFAULT_CALIBRATION;
  const { runtime } = host;
  const runs = await calibrationOn(runtime, open, calibration, amount, recipe.seed);
  const labelled = plan.steps.some(({ work }) => worksWithGradients(work));
  return labelled ? withLabels(runs, open, calibration, amount, recipe.seed, runtime) : runs;
}

/** Behind a step that changed the vocabulary the same data is read with the tokenizer it leaves. */
async function recalibrations(
  host: Host,
  { open, recipe, calibration }: TrialInput,
  { steps }: Plan,
): Promise<ReadonlyMap<number, CalibrationRuns>> {
  const found = new Map<number, CalibrationRuns>();
  const from = steps.findIndex(({ tokens }) => tokens !== undefined);
  if (from < 0 || calibration === undefined) return found;
  const amount = recipe.calibration ?? DEFAULT_CALIBRATION;
  for (const [at, { method, options }] of steps.entries()) {
    if (at <= from || !needsOf(method.meta, options).includes('calibration')) continue;
    const { open: spoken, kept } = await spokenBehind(open, steps.slice(0, at));
    const data = kept ? datasetIn(calibration, open, kept) : calibration;
    found.set(at, await calibrationOn(host.runtime, spoken, data, amount, recipe.seed));
  }
  return found;
}
