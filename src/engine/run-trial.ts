import { LatheError, throwIfCancelled } from '../core/errors/lathe-error.ts';
import { recipeLine } from '../core/recipe/describe.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import type { Plan, PlannedStep } from '../core/recipe/plan-types.ts';
import { parseRecipe } from '../core/recipe/schema.ts';
import type { Recipe } from '../core/recipe/types.ts';
import type { Report } from '../core/report/types.ts';
import type { Model } from '../core/onnx/types.ts';
import { buildModel, compressed } from './build-model.ts';
import { Spill } from './compress/spill.ts';
import { calibrationMissing } from './compress/require-calibration.ts';
import { calibrationOn, DEFAULT_CALIBRATION, type CalibrationRuns } from './data/calibration.ts';
import { prepareEvaluation } from './data/evaluation.ts';
import { closedRecipe } from './decide.ts';
import { sha256OfJson } from './hash.ts';
import type { Host } from './host.ts';
import type { Job, TrialHooks, TrialInput } from './job.ts';
import { measureTrial } from './measure/measure-trial.ts';
import { protocolOf } from './measure/protocol.ts';
import { FILE_ONLY } from '../core/report/types.ts';
import { assertMemory, measuringRefusal } from './memory.ts';
import type { OpenModel } from './model/open.ts';
import { JobProgressBar, neverBackwards, type StagePlan } from './progress.ts';
import { RunDevices } from './run-devices.ts';
import { TrialStore } from './trials/store.ts';
import { rehearseTraining } from './training/rehearse.ts';
import type { Trial } from './trials/types.ts';

export type { TrialHooks, TrialInput } from './job.ts';

/**
 * One recipe on one model, start to end: plan, calibrate, compress, write, open again, measure, check
 * parity, keep. All that can be refused is refused before the work starts. A run that is cancelled or
 * fails leaves its finished stages in the cache and no trial.
 */
export async function runTrial(host: Host, input: TrialInput, given: TrialHooks): Promise<Trial> {
  const hooks = { ...given, progress: neverBackwards(given.progress) };
  const spill = new Spill(host.storage, `${host.now()}-${runs++}`);
  try {
    return await trialWith(host, input, hooks, spill);
  } finally {
    await spill.discard();
  }
}

/** Runs of this thread so far: two of the same millisecond have places of their own. */
let runs = 0;

async function trialWith(
  given: Host,
  input: TrialInput,
  hooks: TrialHooks,
  spill: Spill,
): Promise<Trial> {
  const devices = new RunDevices(given, hooks.onNotice);
  const host = { ...given, runtime: devices.runtime };
  const run = { host, devices, hooks, spill };
  // Whoever asks: the document that is run, kept and embedded is the parsed one.
  const asked = { ...input, recipe: parseRecipe(input.recipe) };
  const recipe = await devices.attempt(() =>
    closedRecipe(run, asked, (open, count) => modelBefore(run, { ...asked, recipe: open }, count)),
  );
  const job = await devices.attempt(() => prepareJob(run, { ...input, recipe }));
  const store = new TrialStore(host.storage);
  const draft = store.draft(await trialId(job));
  try {
    const built = await buildModel(job, draft);
    const report = await measureTrial(job, built, await draft.open());
    throwIfCancelled(hooks.signal);
    // Only now it is known which devices decided the bytes.
    const trial = trialOf(job, await trialId(job), report);
    await store.put(trial, draft);
    return trial;
  } finally {
    await draft.discard();
  }
}

/** What the parts of one run share before there is a job. */
type Run = Pick<Job, 'host' | 'devices' | 'hooks' | 'spill'>;

/** The model as the first steps of a recipe leave it: their stages are kept, so the run that follows takes them up. */
async function modelBefore(run: Run, input: TrialInput, count: number): Promise<Model> {
  if (count === 0) return input.open.model;
  const active = input.recipe.steps.flatMap(({ disabled }, index) => (disabled ? [] : [index]));
  const first = new Set(active.slice(0, count));
  const steps = input.recipe.steps.map((step, index) =>
    first.has(index) ? step : { ...step, disabled: true },
  );
  const recipe = { ...input.recipe, steps };
  return (await compressed(await prepareJob(run, { ...input, recipe }))).model;
}

async function prepareJob(run: Run, input: TrialInput): Promise<Job> {
  const { host, hooks } = run;
  throwIfCancelled(hooks.signal);
  const { open, recipe, dataName } = input;
  const plan = await planOrThrow(open, recipe, dataName);
  if (host.memoryLimit !== undefined) assertMemory(open, plan, host.memoryLimit);
  const unmeasured = notMeasuring(input, plan, host.memoryLimit);
  const calibration = await calibrationFor(host, input, plan);
  const trainingSha256 = await rehearseTraining(input, plan, host.memoryLimit, host.runtime);
  const measuring = protocolOf(open, plan);
  const evaluation = await prepareEvaluation(
    open,
    input.evaluation,
    measuring,
    input.calibration,
    host.runtime,
  );
  const bar = new JobProgressBar(stagesOf(plan), hooks.progress, host.now);
  return { ...run, input, plan, calibration, trainingSha256, evaluation, unmeasured, bar };
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
  dataName?: string,
): Promise<Plan> {
  const plan = await planRecipe(open.model, open.anatomy, recipe, { dataName });
  const [problem] = plan.problems;
  if (problem === undefined) return plan;
  throw new LatheError('recipe-cannot-run', problem.message, { path: problem.path });
}

/**
 * Identity of a run: the same model, recipe, calibration and evaluation make the same trial, on devices that
 * make the same bytes. WebAssembly, which does, is not named.
 */
async function trialId(job: Job): Promise<string> {
  const { input, devices, calibration, trainingSha256, evaluation } = job;
  const others = devices.decided.some((device) => device !== 'wasm');
  const { recipe, open } = input;
  const parts = {
    model: open.sha256,
    recipe,
    calibration: calibration?.sha256,
    evaluation: evaluation.sha256,
    ...(evaluation.measuring !== 'windows' && { measuring: evaluation.measuring }),
    ...(trainingSha256 !== undefined && { training: trainingSha256 }),
    ...(others && { devices: devices.decided }),
  };
  return (await sha256OfJson(parts)).slice(0, 16);
}

async function calibrationFor(
  host: Host,
  { open, recipe, calibration }: TrialInput,
  plan: Plan,
): Promise<CalibrationRuns | undefined> {
  const needy = plan.steps.find(({ method }) => method.meta.needs.includes('calibration'));
  if (needy === undefined) return undefined;
  if (calibration === undefined) throw calibrationMissing(needy.method.meta);
  const amount = recipe.calibration ?? DEFAULT_CALIBRATION;
  return calibrationOn(host.runtime, open, calibration, amount, recipe.seed);
}

function weightOf({ method, work }: PlannedStep): number {
  if (work.some(({ kind }) => kind === 'train')) return 30;
  return method.meta.needs.includes('calibration') ? 6 : 1;
}

/** Weights are rough shares of time on the shipped models; only the bar's pace depends on them. */
function stagesOf(plan: Plan): StagePlan[] {
  const steps = plan.steps.map((step) => ({
    name: step.method.meta.title,
    weight: weightOf(step),
  }));
  return [
    ...steps,
    { name: 'Writing the file', weight: 0.5 },
    { name: 'Measuring', weight: 5 },
    { name: 'Comparing devices', weight: 1 },
  ];
}

function trialOf({ host, input }: Job, id: string, report: Report): Trial {
  const { open, recipe } = input;
  return {
    id,
    model: { name: open.name, sha256: open.sha256 },
    name: recipe.name ?? recipeLine(recipe),
    recipe,
    createdAt: host.now(),
    state: 'done',
    report,
  };
}
