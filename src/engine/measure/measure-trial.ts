import { overlap } from '../../core/data/overlap.ts';
import { oracleWarning } from '../../core/kernels/load.ts';
import type { Report } from '../../core/report/types.ts';
import type { Built } from '../build-model.ts';
import { writtenBytes, writtenSha256, type WrittenModel } from '../model/written.ts';
import type { Job, TrialInput } from '../job.ts';
import { measureFile, measureParity } from './measure.ts';

/** Everything that is known of a written model only by running it, added to its build report. */
export async function measureTrial(
  { host, input, hooks, plan, evaluation: prepared, bar }: Job,
  { report: built, trained }: Built,
  written: WrittenModel,
): Promise<Report> {
  const runtime = await host.runtime();
  const [measuring, comparing] = [plan.steps.length + 1, plan.steps.length + 2];
  const measured = await measureFile(runtime, input.open.model, written, prepared, {
    ...(hooks.signal && { signal: hooks.signal }),
    progress: bar.stage(measuring),
  });
  const parity = await measureParity(runtime, host.webgpu, written, prepared, hooks.signal);
  bar.stage(comparing)(1);
  const warnings = [...plan.warnings, ...warningsOf(input)];
  return {
    ...built,
    outputSha256: await writtenSha256(written),
    forecastBytes: plan.bytes,
    verified: measured.evaluation !== undefined && writtenBytes(written) === plan.bytes,
    scores: prepared.scores,
    ...measured,
    parity,
    ...(trained.length > 0 && { training: trained }),
    ...(warnings.length > 0 && { warnings }),
  };
}

function warningsOf({ calibration, evaluation, warnings = [] }: TrialInput): readonly string[] {
  const shared = calibration && evaluation ? overlap(calibration, evaluation).sentence : undefined;
  return [...warnings, shared, oracleWarning()].filter((sentence) => sentence !== undefined);
}
