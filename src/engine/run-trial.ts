import { overlap } from '../core/data/overlap.ts';
import type { Dataset } from '../core/data/types.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import type { ByteSource } from '../core/onnx/types.ts';
import { modelParts } from '../core/onnx/write.ts';
import { buildReport } from '../core/recipe/build-report.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import type { Plan } from '../core/recipe/plan-types.ts';
import type { Recipe } from '../core/recipe/types.ts';
import { embedReport } from '../core/report/embed.ts';
import type { BuildReport, Report } from '../core/report/types.ts';
import { runRecipe } from './compress/run-recipe.ts';
import { StageCache } from './compress/stage-cache.ts';
import { statisticsProvider } from './compress/statistics.ts';
import type { FinishedLayer } from './compress/types.ts';
import { calibrationData, DEFAULT_CALIBRATION, type CalibrationData } from './data/calibration.ts';
import { prepareEvaluation } from './data/evaluation.ts';
import { sha256Of, sha256OfJson } from './hash.ts';
import type { Host } from './host.ts';
import { measureFile, measureParity } from './measure/measure.ts';
import type { OpenModel } from './model/open.ts';
import { JobProgressBar, type OnProgress, type StagePlan } from './progress.ts';
import { TOOL } from './tool.ts';
import { TrialStore } from './trials/store.ts';
import type { Trial } from './trials/types.ts';

export interface TrialInput {
  readonly open: OpenModel;
  readonly recipe: Recipe;
  readonly calibration?: Dataset;
  readonly evaluation?: Dataset;
}

export interface TrialHooks {
  readonly signal?: AbortSignal;
  readonly progress: OnProgress;
  readonly onLayer?: (layer: FinishedLayer) => void;
}

/** One run, with all that its parts share. */
interface Job {
  readonly host: Host;
  readonly input: TrialInput;
  readonly hooks: TrialHooks;
  readonly plan: Plan;
  readonly calibration: CalibrationData | undefined;
  readonly bar: JobProgressBar;
}

/**
 * One recipe on one model, start to end: plan, calibrate, compress, write, open again, measure, check
 * parity, keep. A run that is cancelled or fails leaves its finished stages in the cache and no trial.
 */
export async function runTrial(host: Host, input: TrialInput, hooks: TrialHooks): Promise<Trial> {
  const plan = await planOrThrow(input.open, input.recipe);
  const calibration = await calibrationFor(input, plan);
  const bar = new JobProgressBar(stagesOf(plan), hooks.progress, host.now);
  const job: Job = { host, input, hooks, plan, calibration, bar };
  const id = await trialId(input, calibration?.sha256);
  const store = new TrialStore(host.storage);
  const draft = store.draft(id);
  try {
    const built = await buildFile(job, draft.path);
    const report = await measure(job, built, await draft.open());
    const trial = trialOf(job, id, report);
    await store.put(trial, draft);
    return trial;
  } finally {
    await draft.discard();
  }
}

/** The exact plan of a recipe, or the first of its problems as an error. */
export async function planOrThrow(open: OpenModel, recipe: Recipe): Promise<Plan> {
  const plan = await planRecipe(open.model, open.anatomy, recipe);
  const [problem] = plan.problems;
  if (problem === undefined) return plan;
  throw new LatheError('recipe-cannot-run', problem.message, { path: problem.path });
}

/** Identity of a run: the same model, recipe, calibration and evaluation make the same trial. */
async function trialId(input: TrialInput, calibration: string | undefined): Promise<string> {
  const { recipe, open, evaluation } = input;
  const parts = { model: open.sha256, recipe, calibration, evaluation: evaluation?.name };
  return (await sha256OfJson(parts)).slice(0, 16);
}

async function calibrationFor(
  { open, recipe, calibration }: TrialInput,
  plan: Plan,
): Promise<CalibrationData | undefined> {
  if (!plan.needsCalibration || calibration === undefined) return undefined;
  const amount = recipe.calibration ?? DEFAULT_CALIBRATION;
  return calibrationData(open, calibration, amount, recipe.seed);
}

/** Weights are rough shares of time on the shipped models; only the bar's pace depends on them. */
function stagesOf(plan: Plan): StagePlan[] {
  const steps = plan.steps.map(({ method }) => ({
    name: method.meta.title,
    weight: method.meta.needs.includes('calibration') ? 6 : 1,
  }));
  return [
    ...steps,
    { name: 'Writing the file', weight: 0.5 },
    { name: 'Measuring', weight: 5 },
    { name: 'Comparing devices', weight: 1 },
  ];
}

async function buildFile(job: Job, path: string): Promise<BuildReport> {
  const { host, input, hooks, plan, calibration, bar } = job;
  const { open } = input;
  const signal = hooks.signal && { signal: hooks.signal };
  const statistics = calibration && statisticsProvider(host.runtime, calibration, host.statistics);
  const result = await runRecipe(
    { model: open.model, anatomy: open.anatomy, sha256: open.sha256 },
    {
      plan,
      ...signal,
      ...(statistics && { statistics }),
      ...(hooks.onLayer && { onLayer: hooks.onLayer }),
      progress: (step, fraction, detail) => bar.stage(step)(fraction, detail),
    },
    new StageCache(host.storage),
  );
  const report = buildReport(plan, {
    tool: TOOL,
    inputSha256: open.sha256,
    ...(calibration && { calibrationSha256: calibration.sha256 }),
    layers: result.measured,
  });
  const { parts } = modelParts(embedReport(result.model, report));
  await host.storage.write(path, parts);
  bar.stage(plan.steps.length)(1);
  return report;
}

async function measure(job: Job, built: BuildReport, file: ByteSource): Promise<Report> {
  const { host, input, hooks, plan, bar } = job;
  const prepared = await prepareEvaluation(input.open, input.evaluation);
  const runtime = await host.runtime();
  const [measuring, comparing] = [plan.steps.length + 1, plan.steps.length + 2];
  const { evaluation, latency } = await measureFile(runtime, input.open.model, file, prepared, {
    ...(hooks.signal && { signal: hooks.signal }),
    progress: bar.stage(measuring),
  });
  const parity = await measureParity(runtime, host.webgpu, file, prepared, hooks.signal);
  bar.stage(comparing)(1);
  const warnings = warningsOf(input);
  return {
    ...built,
    outputSha256: await sha256Of([file]),
    forecastBytes: plan.bytes,
    verified: file.byteLength === plan.bytes,
    scores: prepared.scores,
    evaluation,
    latency,
    parity,
    ...(warnings.length > 0 && { warnings }),
  };
}

function warningsOf({ calibration, evaluation }: TrialInput): readonly string[] {
  if (calibration === undefined || evaluation === undefined) return [];
  const { sentence } = overlap(calibration, evaluation);
  return sentence === undefined ? [] : [sentence];
}

function trialOf({ host, input, plan }: Job, id: string, report: Report): Trial {
  const { open, recipe } = input;
  const methods = plan.steps.map(({ method }) => method.meta.title).join(' → ');
  return {
    id,
    model: { name: open.name, sha256: open.sha256 },
    name: recipe.name ?? methods,
    recipe,
    createdAt: host.now(),
    state: 'done',
    report,
  };
}
