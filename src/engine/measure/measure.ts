import type { Model } from '../../core/onnx/types.ts';
import type { Report } from '../../core/report/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { evaluate } from '../../runtime/evaluate/evaluate.ts';
import { checkParity, parityReport } from '../../runtime/parity.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import { protocolSentence, type PreparedEvaluation } from '../data/evaluation.ts';
import type { latencyInputs } from '../data/latency-inputs.ts';
import { openWritten, readWritten, type WrittenModel } from '../model/written.ts';
import { contendersLatency } from './measure-latency.ts';
import { contendersOf, siblingOpeners, withSessions } from './open-sessions.ts';

export interface MeasureHooks {
  readonly signal?: AbortSignal;
  readonly progress: (fraction: number, detail?: string) => void;
  /** Failures that are passed on, because everything is then done again on another device. */
  readonly repeats?: (error: unknown) => boolean;
  /** Inputs of stated lengths, to be timed beside the representative one. */
  readonly lengths?: ReturnType<typeof latencyInputs>;
}

export type Measured = Pick<Report, 'evaluation' | 'latency' | 'notMeasured'>;

/** Share of measuring that is evaluation; the rest is latency. */
const EVALUATING = 0.85;

/**
 * Opens the written file in a fresh session, beside the original, and measures both on the same data.
 * What comes back was measured on the very bytes that are handed out. What cannot be measured has a
 * reason instead: a finished compression is never lost for it. Throws `cancelled` only.
 */
export async function measureFile(
  runtime: Runtime,
  original: Model,
  written: WrittenModel,
  prepared: PreparedEvaluation,
  hooks: MeasureHooks,
): Promise<Measured> {
  try {
    return await withSessions(
      [
        () => runtime.open(original),
        () => openWritten(runtime, written),
        ...siblingOpeners(runtime, prepared),
        ...primers(runtime, prepared),
      ],
      (sessions) => measureSessions(runtime, contendersOf(sessions, prepared), prepared, hooks),
      hooks.signal,
    );
  } catch (error) {
    if (hooks.repeats?.(error) === true) throw error;
    return { latency: {}, notMeasured: reasonOf(error) };
  } finally {
    hooks.progress(1);
  }
}

/** The session that makes the cache the models start from, where they take one token a run. */
function primers(runtime: Runtime, { primer }: PreparedEvaluation): (() => Promise<Session>)[] {
  return primer ? [async () => runtime.open(await primer.model())] : [];
}

/** Why something could not be measured; a cancel is passed on. */
function reasonOf(error: unknown): string {
  if (error instanceof LatheError && error.code === 'cancelled') throw error;
  return error instanceof Error ? error.message : String(error);
}

async function measureSessions(
  runtime: Runtime,
  contenders: ReturnType<typeof contendersOf>,
  prepared: PreparedEvaluation,
  hooks: MeasureHooks,
): Promise<Measured> {
  const { name: data, sha256, feeds } = prepared;
  const signal = hooks.signal && { signal: hooks.signal };
  const { original, model } = contenders;
  const measured = await evaluate(contenders, prepared.data(), {
    ...signal,
    protocol: prepared.measuring,
    progress: (fraction) => hooks.progress(fraction * EVALUATING, prepared.protocol),
  });
  const { original: before, compressed, difference, each, answers } = measured;
  const protocol = protocolSentence(prepared, measured);
  const evaluation = {
    ...{ data, sha256, protocol, original: before, compressed, difference },
    ...(each && { each }),
    ...(answers && { answers }),
  };
  try {
    const sessions = { original: original.session, compressed: model.session };
    const latency = await contendersLatency(sessions, feeds, hooks.lengths ?? {}, { ...signal });
    const threads = runtime.device !== 'webgpu' && { threads: runtime.threads };
    return { evaluation, latency: { [runtime.device]: { ...latency, ...threads } } };
  } catch (error) {
    if (hooks.repeats?.(error) === true) throw error;
    return { evaluation, latency: {}, notMeasured: reasonOf(error) };
  }
}

/** WASM against WebGPU on the written file; a device that cannot be had is a reason, not a failure. */
export async function measureParity(
  wasm: Runtime,
  webgpu: (() => Promise<Runtime | undefined>) | undefined,
  written: WrittenModel,
  prepared: PreparedEvaluation,
  signal: AbortSignal | undefined,
): Promise<NonNullable<Report['parity']>> {
  if (webgpu === undefined) {
    return unchecked(
      'There is no WebGPU outside a browser; open the file in the studio to check it.',
    );
  }
  try {
    const other = await webgpu();
    if (other === undefined) return unchecked('This browser gave no WebGPU adapter.');
    const model = await readWritten(written);
    const parity = await checkParity(wasm, other, model, prepared.shortFeeds, signal);
    return parityReport(parity) ?? unchecked('Nothing could be compared.');
  } catch (error) {
    return unchecked(reasonOf(error));
  }
}

function unchecked(reason: string): NonNullable<Report['parity']> {
  return { wasm: true, webgpu: null, maxAbsDiff: null, reason };
}
