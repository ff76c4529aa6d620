import { packageModel } from '../core/onnx/package.ts';
import { buildReport } from '../core/recipe/build-report.ts';
import { embedReport } from '../core/report/embed.ts';
import type { TrainingRecord } from '../core/report/training.ts';
import type { BuildReport } from '../core/report/types.ts';
import { lookProvider } from './compress/look-provider.ts';
import { runRecipe } from './compress/run-recipe.ts';
import { StageCache } from './compress/stage-cache.ts';
import type { LookProvider, StageResult } from './compress/types.ts';
import type { CalibrationRuns } from './data/calibration.ts';
import { trainingProvider } from './training/provider.ts';
import type { Job } from './job.ts';
import { TOOL } from './tool.ts';
import type { Draft } from './trials/store.ts';

/** What is known of a model once it is written. */
export interface Built {
  readonly report: BuildReport;
  readonly trained: readonly TrainingRecord[];
}

/** Runs the recipe and writes the model, recipe and build report inside. */
export async function buildModel(job: Job, draft: Draft): Promise<Built> {
  const { input, plan, calibration, bar } = job;
  const result = await compressed(job, job.host.temporary !== true);
  const report = buildReport(plan, {
    tool: TOOL,
    inputSha256: input.open.sha256,
    ...(calibration && { calibrationSha256: calibration.sha256 }),
    layers: result.measured,
  });
  const { dataName } = input;
  bar.stage(plan.steps.length)(0);
  await draft.write(packageModel(embedReport(result.model, report), { dataName }));
  bar.stage(plan.steps.length)(1);
  return { report, trained: result.trained };
}

/** The compressed model, not written yet; `keepLast`: whether its last stage is kept as well. */
export function compressed(job: Job, keepLast = true): Promise<StageResult> {
  const { host, devices, input, hooks, plan, calibration, recalibrated, bar, spill } = job;
  const { model, anatomy, sha256 } = input.open;
  const looksAt = (data: CalibrationRuns): LookProvider =>
    lookProvider(host.runtime, data, host.statistics, devices);
  const looks = calibration && looksAt(calibration);
  const behind = new Map([...recalibrated].map(([step, data]) => [step, looksAt(data)]));
  const training = trainingProvider(job);
  const context = {
    plan,
    devices,
    spill,
    keepLast,
    ...(training && { training }),
    ...(hooks.signal && { signal: hooks.signal }),
    ...(looks && { looks }),
    looksBehind: behind,
    onKept: (step: number) => bar.keep(step),
    ...(hooks.onLayer && { onLayer: hooks.onLayer }),
    progress: (step: number, fraction: number, detail?: string) =>
      bar.stage(step)(fraction, detail),
  };
  return runRecipe({ model, anatomy, sha256 }, context, new StageCache(host.storage));
}
