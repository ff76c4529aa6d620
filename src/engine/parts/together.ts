import { CancelledError, LatheError } from '../../core/errors/lathe-error.ts';
import type { Metrics } from '../../core/metrics/types.ts';
import type { Evaluation } from '../../runtime/evaluate/types.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import { evaluatePair } from '../encoder-decoder/evaluate-pair.ts';
import { openedPart } from '../encoder-decoder/whole.ts';
import type { Host } from '../host.ts';
import { withSessions } from '../measure/open-sessions.ts';
import type { OpenModel } from '../model/open.ts';
import { openWritten, type WrittenModel } from '../model/written.ts';
import { RunDevices } from '../run-devices.ts';
import type { PartData } from './fitting-data.ts';

/** A part that was opened and what became of it. */
export interface MadePart {
  readonly open: OpenModel;
  readonly written: WrittenModel;
}

/** An encoder-decoder with both parts compressed against the original with neither, or why that was not measured. */
export interface Together {
  readonly protocol?: string;
  readonly original?: Metrics;
  readonly compressed?: Metrics;
  readonly difference?: Metrics;
  readonly notMeasured?: string;
}

/**
 * Both parts at once, each decoder behind its own encoder: what one part costs alone says little of what they cost
 * together. Undefined where the parts are no encoder with its decoder, or there is no evaluation data.
 */
export async function measureTogether(
  host: Host,
  made: readonly MadePart[],
  { evaluation }: PartData,
  signal?: AbortSignal,
): Promise<Together | undefined> {
  const [encoder, decoder] = (['encoder', 'decoder'] as const).map((part) =>
    made.find(({ open }) => openedPart(open) === part),
  );
  if (encoder === undefined || decoder === undefined || evaluation === undefined) return undefined;
  const open = { encoder: encoder.open, decoder: decoder.open };
  const devices = new RunDevices(host);
  const attempt = async (): Promise<Together> =>
    withSessions(
      sessionsOf(await devices.runtime(), [encoder, decoder]),
      async ([ownEncoder, ownDecoder, newEncoder, newDecoder]) => {
        const original = { encoder: ownEncoder, decoder: ownDecoder };
        const compressed = { encoder: newEncoder, decoder: newDecoder };
        const hooks = signal && { signal };
        const found = await evaluatePair(open, { original, compressed }, evaluation, hooks);
        return measured(found.evaluation, evaluation.name);
      },
      signal,
    );
  try {
    return await devices.attempt(attempt);
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof LatheError)) throw error;
    return { notMeasured: error.message };
  }
}

function sessionsOf(runtime: Runtime, parts: readonly MadePart[]): (() => Promise<Session>)[] {
  return [
    ...parts.map(
      ({ open }) =>
        () =>
          runtime.open(open.model),
    ),
    ...parts.map(
      ({ written }) =>
        () =>
          openWritten(runtime, written),
    ),
  ];
}

function measured({ original, compressed, difference, n }: Evaluation, data: string): Together {
  const protocol = `both parts compressed, on ${data}; ${n} tokens scored; errors by pair`;
  return { protocol, original, compressed, difference };
}
