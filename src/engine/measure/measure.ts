import type { Model } from '../../core/onnx/types.ts';
import type { Report } from '../../core/report/types.ts';
import { CancelledError } from '../../core/errors/lathe-error.ts';
import { evaluate } from '../../runtime/evaluate/evaluate.ts';
import { inOneVocabulary } from '../vocabulary/one-vocabulary.ts';
import { checkParity, parityReport } from '../../runtime/parity.ts';
import type { Evaluation, SoFar } from '../../runtime/evaluate/types.ts';
import { remembering, type RunMemory } from '../../runtime/remembering.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import { protocolSentence, type PreparedEvaluation } from '../data/evaluation.ts';
import type { latencyInputs } from '../data/latency-inputs.ts';
import { openWritten, readWritten, type WrittenModel } from '../model/written.ts';
import { contendersLatency } from './measure-latency.ts';
import { contendersOf, siblingOpeners, withSessions } from './open-sessions.ts';

export interface MeasureHooks {
  readonly signal?: AbortSignal;
  /** Of the evaluation. */
  readonly progress: (fraction: number, detail?: string) => void;
  /** Of the timing that follows it. */
  readonly timing: (fraction: number) => void;
  readonly interim?: (soFar: SoFar) => void;
  readonly enough?: () => boolean;
  /** Where what the original gives on this data is kept from one trial to the next. */
  readonly memory?: RunMemory;
  /** Failures that are passed on, because everything is then done again on another device. */
  readonly repeats?: (error: unknown) => boolean;
  /** Inputs of stated lengths, to be timed beside the representative one. */
  readonly lengths?: ReturnType<typeof latencyInputs>;
}

export type Measured = Pick<Report, 'evaluation' | 'latency' | 'notMeasured'>;

export type Parity = NonNullable<Report['parity']>;

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
    const measured = await withSessions(
      [
        () => runtime.open(original),
        () => openWritten(runtime, written),
        ...siblingOpeners(runtime, prepared),
        ...primers(runtime, prepared),
      ],
      (sessions) => measureSessions(runtime, contendersOf(sessions, prepared), prepared, hooks),
      hooks.signal,
    );
    hooks.timing(1);
    return measured;
  } catch (error) {
    if (hooks.repeats?.(error) === true) throw error;
    const notMeasured = reasonOf(error);
    hooks.timing(1);
    return { latency: {}, notMeasured };
  }
}

/** The session that makes the cache the models start from, where they take one token a run. */
function primers(runtime: Runtime, { primer }: PreparedEvaluation): (() => Promise<Session>)[] {
  return primer ? [async () => runtime.open(await primer.model())] : [];
}

/** Why something could not be measured; a cancel is passed on. */
function reasonOf(error: unknown): string {
  if (error instanceof CancelledError) throw error;
  return messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function measureSessions(
  runtime: Runtime,
  contenders: ReturnType<typeof contendersOf>,
  prepared: PreparedEvaluation,
  hooks: MeasureHooks,
): Promise<Measured> {
  const { original, model } = contenders;
  const evaluation = reported(prepared, await evaluateWith(contenders, prepared, hooks));
  hooks.timing(0);
  try {
    const sessions = { original: original.session, compressed: model.session };
    const latency = await contendersLatency(sessions, prepared.feeds, hooks.lengths ?? {}, {
      ...(hooks.signal && { signal: hooks.signal }),
      progress: hooks.timing,
    });
    const threads = runtime.device !== 'webgpu' && { threads: runtime.threads };
    return { evaluation, latency: { [runtime.device]: { ...latency, ...threads } } };
  } catch (error) {
    if (hooks.repeats?.(error) === true) throw error;
    return { evaluation, latency: {}, notMeasured: reasonOf(error) };
  }
}

function evaluateWith(
  contenders: ReturnType<typeof contendersOf>,
  prepared: PreparedEvaluation,
  { signal, progress, interim, enough, memory }: MeasureHooks,
): Promise<Evaluation> {
  const data = prepared.data();
  const viewed = inOneVocabulary(
    remembered(contenders, prepared, memory),
    data.task,
    prepared.kept,
  );
  return evaluate(viewed, data, {
    protocol: prepared.measuring,
    progress,
    ...(signal && { signal }),
    ...(interim && { interim }),
    ...(enough && { enough }),
  });
}

/** With its cache filled a model is fed what it gave: keeping that takes more than running it again. */
function remembered(
  { original, ...others }: ReturnType<typeof contendersOf>,
  { measuring }: PreparedEvaluation,
  memory: RunMemory | undefined,
): ReturnType<typeof contendersOf> {
  if (memory === undefined || measuring !== 'windows') return { original, ...others };
  const session = remembering(original.session, memory);
  return { ...others, original: { ...original, session } };
}

function reported(
  prepared: PreparedEvaluation,
  found: Evaluation,
): NonNullable<Report['evaluation']> {
  const { original, compressed, difference, each, answers, stopped } = found;
  return {
    ...{ data: prepared.name, sha256: prepared.sha256 },
    protocol: protocolSentence(prepared, found),
    ...{ original, compressed, difference },
    ...(stopped && { stopped }),
    ...(each && { each }),
    ...(answers && { answers }),
  };
}

/** WASM against WebGPU on the written file; a device that cannot be had is a reason, not a failure. */
export async function measureParity(
  wasm: () => Promise<Runtime>,
  webgpu: (() => Promise<Runtime | undefined>) | undefined,
  written: WrittenModel,
  prepared: PreparedEvaluation,
  signal: AbortSignal | undefined,
): Promise<Parity> {
  if (webgpu === undefined) {
    return unchecked(
      'There is no WebGPU outside a browser; open the file in the studio to check it.',
    );
  }
  try {
    const other = await webgpu();
    if (other === undefined) return unchecked('This browser gave no WebGPU adapter.');
    const model = await readWritten(written);
    const parity = await checkParity(await wasm(), other, model, prepared.shortFeeds, signal);
    return parityReport(parity) ?? unchecked('Nothing could be compared.');
  } catch (error) {
    // All that is handed out is finished and measured: a cancel comes too late to undo it.
    if (error instanceof CancelledError) return unchecked(NOT_COMPARED);
    return unchecked(messageOf(error));
  }
}

/** The trial was finished before its devices were compared: it stays so when the run ends there. */
export const NOT_COMPARED =
  'The run ended before the devices were compared; run the recipe again to compare them.';

export function unchecked(reason: string): Parity {
  return { wasm: true, webgpu: null, maxAbsDiff: null, reason };
}
