import { overlap } from '../../core/data/overlap.ts';
import { oracleWarning } from '../../core/kernels/load.ts';
import type { Report, ReportDevice } from '../../core/report/types.ts';
import type { Built } from '../build-model.ts';
import { writtenBytes, writtenSha256, type WrittenModel } from '../model/written.ts';
import { belongingWarnings } from '../model/belonging.ts';
import type { Job, TrialInput } from '../job.ts';
import { latencyInputs } from '../data/latency-inputs.ts';
import {
  measureFile,
  measureParity,
  NOT_COMPARED,
  unchecked,
  type Measured,
  type Parity,
} from './measure.ts';
import { ranKernels } from './ran-kernels.ts';
import { zippedBytes } from './zipped.ts';

/**
 * Everything that is known of a written model only by running it, added to its build report. The devices are not
 * compared yet ({@link compareDevices}), because a result need not wait for that.
 */
export async function measureTrial(
  job: Job,
  { report: built, trained }: Built,
  written: WrittenModel,
): Promise<Report> {
  const { input, devices, plan, evaluation: prepared, unmeasured } = job;
  const measured: Measured =
    unmeasured === undefined
      ? await devices.attempt(() => measure(job, written))
      : { latency: {}, notMeasured: unmeasured };
  const zipped = await zippedBytes(plan, written, job.hooks.signal);
  const kernels = measured.evaluation && (await kernelsOn(job, written));
  const belonging = await belongingWarnings(input.open);
  const warnings = [
    ...plan.warnings,
    ...devices.sentences,
    ...belonging,
    ...warningsOf(input),
    ...cacheWarning(job),
    ...(prepared.warnings ?? []),
  ];
  return {
    ...built,
    outputSha256: await writtenSha256(written),
    forecastBytes: plan.bytes,
    ...(zipped !== undefined && { zippedBytes: zipped }),
    ...(plan.cache && { cache: plan.cache }),
    verified: measured.evaluation !== undefined && writtenBytes(written) === plan.bytes,
    scores: prepared.scores,
    ...measured,
    ...(kernels && { kernels }),
    device: deviceOf(job, measured.evaluation !== undefined),
    parity: unmeasured === undefined ? unchecked(NOT_COMPARED) : notRun(unmeasured),
    ...(trained.length > 0 && { training: trained }),
    ...(input.decisions && { decisions: input.decisions }),
    ...(warnings.length > 0 && { warnings }),
  };
}

/**
 * The file on the other device, beside the report that is kept by then. A cancel ends the comparison, and says so:
 * what was measured stays.
 */
export async function compareDevices(job: Job, written: WrittenModel): Promise<Parity> {
  const { host, hooks, evaluation: prepared, unmeasured } = job;
  const comparing = job.bar.stage(stagesBehind(job).comparing);
  if (unmeasured !== undefined) {
    comparing(1);
    return notRun(unmeasured);
  }
  comparing(0);
  const reference = host.fallback ?? host.runtime;
  const parity = await measureParity(reference, host.webgpu, written, prepared, hooks.signal);
  comparing(1);
  return parity;
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

/** What computed on the device that measured. */
async function kernelsOn({ devices }: Job, written: WrittenModel): Promise<Report['kernels']> {
  const runtime = await devices.runtime();
  const kernels = await ranKernels(runtime, written);
  return kernels && { [runtime.device]: kernels };
}

/** The file run beside the original. */
async function measure(job: Job, written: WrittenModel): Promise<Measured> {
  const { host, devices, input, hooks, plan, evaluation: prepared, bar, spoken } = job;
  const { measuring, timing } = stagesBehind(job);
  bar.stage(measuring)(0);
  const runtime = await host.runtime();
  return measureFile(runtime, input.open.model, written, prepared, {
    ...(hooks.signal && { signal: hooks.signal }),
    progress: bar.stage(measuring),
    timing: bar.stage(timing),
    interim: (soFar) => hooks.onInterim?.({ ...soFar, bytes: plan.bytes }),
    ...(hooks.enough && { enough: hooks.enough }),
    ...(host.originals && { memory: host.originals.begin(originalOn(job)) }),
    lengths: latencyInputs(spoken.open),
    repeats: (error) => devices.repeats(error),
  });
}

/** All that the original's scores depend on. */
function originalOn({ input, devices, evaluation }: Job): string {
  return [input.open.sha256, devices.device, evaluation.sha256].join(' ');
}

/** Positions of the stages behind a recipe's steps and the writing of its file. */
function stagesBehind({ plan }: Job) {
  const writing = plan.steps.length;
  return { measuring: writing + 1, timing: writing + 2, comparing: writing + 3 };
}

function notRun(reason: string): Parity {
  return { wasm: false, webgpu: null, maxAbsDiff: null, reason };
}

/** Made-up inputs fill no cache. */
function cacheWarning({ plan, evaluation }: Job): readonly string[] {
  const alone = plan.steps.some(({ method }) => method.meta.shrinks === 'cache');
  return alone && evaluation.scores === 'fidelity' ? [CACHE_EMPTY] : [];
}

const CACHE_EMPTY =
  'Made-up inputs are run with an empty cache, so their scores do not show what storing the cache in fewer bits costs; give evaluation data.';

function warningsOf({ calibration, evaluation, warnings = [] }: TrialInput): readonly string[] {
  const shared = calibration && evaluation ? overlap(calibration, evaluation).sentence : undefined;
  return [...warnings, shared, oracleWarning()].filter((sentence) => sentence !== undefined);
}
