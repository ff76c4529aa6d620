import { overlap } from '../../core/data/overlap.ts';
import { oracleWarning } from '../../core/kernels/load.ts';
import type { Report, ReportDevice } from '../../core/report/types.ts';
import type { Built } from '../build-model.ts';
import { writtenBytes, writtenSha256, type WrittenModel } from '../model/written.ts';
import { belongingWarnings } from '../model/belonging.ts';
import type { Job, TrialInput } from '../job.ts';
import { latencyInputs } from '../data/latency-inputs.ts';
import { measureFile, measureParity, type Measured } from './measure.ts';

/** Everything that is known of a written model only by running it, added to its build report. */
export async function measureTrial(
  job: Job,
  { report: built, trained }: Built,
  written: WrittenModel,
): Promise<Report> {
  const { input, devices, plan, evaluation: prepared, unmeasured } = job;
  const { parity, ...measured } =
    unmeasured === undefined
      ? await devices.attempt(() => runBoth(job, written))
      : notRun(job, unmeasured);
  const belonging = await belongingWarnings(input.open);
  const warnings = [...plan.warnings, ...devices.sentences, ...belonging, ...warningsOf(input)];
  return {
    ...built,
    outputSha256: await writtenSha256(written),
    forecastBytes: plan.bytes,
    verified: measured.evaluation !== undefined && writtenBytes(written) === plan.bytes,
    scores: prepared.scores,
    ...measured,
    device: deviceOf(job, measured.evaluation !== undefined),
    parity,
    ...(trained.length > 0 && { training: trained }),
    ...(warnings.length > 0 && { warnings }),
  };
}

function deviceOf({ host, devices }: Job, measured: boolean): ReportDevice {
  const { deviceReason: reason, adapter } = host;
  return {
    bytes: devices.decided,
    ...(measured && { measured: devices.device }),
    ...(adapter !== undefined && { adapter }),
    ...(reason !== undefined && { reason }),
  };
}

type Found = Measured & Pick<Report, 'parity'>;

/** The file run beside the original, then on the other device. */
async function runBoth(
  { host, devices, input, hooks, plan, evaluation: prepared, bar }: Job,
  written: WrittenModel,
): Promise<Found> {
  const runtime = await host.runtime();
  const [measuring, comparing] = [plan.steps.length + 1, plan.steps.length + 2];
  const measured = await measureFile(runtime, input.open.model, written, prepared, {
    ...(hooks.signal && { signal: hooks.signal }),
    progress: bar.stage(measuring),
    lengths: latencyInputs(input.open),
    repeats: (error) => devices.repeats(error),
  });
  const reference = host.fallback ? await host.fallback() : runtime;
  const parity = await measureParity(reference, host.webgpu, written, prepared, hooks.signal);
  bar.stage(comparing)(1);
  return { ...measured, parity };
}

function notRun({ plan, bar }: Job, reason: string): Found {
  bar.stage(plan.steps.length + 2)(1);
  const parity = { wasm: false, webgpu: null, maxAbsDiff: null, reason };
  return { latency: {}, notMeasured: reason, parity };
}

function warningsOf({ calibration, evaluation, warnings = [] }: TrialInput): readonly string[] {
  const shared = calibration && evaluation ? overlap(calibration, evaluation).sentence : undefined;
  return [...warnings, shared, oracleWarning()].filter((sentence) => sentence !== undefined);
}
