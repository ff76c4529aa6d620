/**
 * How errors cross the thread border. Comlink keeps only name, message and stack; both sides call
 * {@link installErrorCodec} once, so that `code` and `details` survive as well.
 */
import { transferHandlers, type TransferHandler } from 'comlink';
import { LatheError } from '../src/core/errors/lathe-error.ts';
import type { StudioError } from './protocol.ts';

interface Thrown {
  readonly value: unknown;
}

interface Sent extends StudioError {
  readonly stack?: string;
}

/** Any thrown value as the three facts the page shows. */
export function toStudioError(thrown: unknown): Sent {
  if (thrown instanceof LatheError) {
    const { code, message, details, stack } = thrown;
    return { code, message, details, stack };
  }
  if (thrown instanceof Error) {
    const { name, message, stack } = thrown;
    return { code: name === 'AbortError' ? 'cancelled' : 'unexpected', message, stack };
  }
  return { code: 'unexpected', message: String(thrown) };
}

function revive(sent: Sent): LatheError {
  const error = new LatheError(sent.code, sent.message, sent.details);
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

/** Replaces Comlink's `throw` handler; calling it twice changes nothing. */
export function installErrorCodec(): void {
  const original = transferHandlers.get('throw');
  if (original === undefined) return;
  const codec: TransferHandler<Thrown, Sent> = {
    // Only Comlink can recognise its own marker symbol.
    canHandle: (value): value is Thrown => original.canHandle(value),
    serialize: ({ value }) => [toStudioError(value), []],
    deserialize: (sent) => {
      throw revive(sent);
    },
  };
  transferHandlers.set('throw', codec);
}
