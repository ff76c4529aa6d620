/**
 * The one error class of the engine. `message` is a full sentence for people: what was found, why
 * it cannot work, what to do. `code` is stable and is what tests and the page branch on.
 * `details` holds facts (names, numbers) for "copy details", never needed to understand `message`.
 */
export class LatheError extends Error {
  override readonly name = 'LatheError';

  constructor(
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, string | number | boolean>> = {},
  ) {
    super(message);
  }
}

/** What every cancelled job throws, so callers can tell "stopped on request" from "failed". */
export class CancelledError extends LatheError {
  constructor() {
    super('cancelled', 'The run was cancelled; nothing unfinished was kept.');
  }
}

/** Throws {@link CancelledError} once `signal` is aborted. Call it in every long loop. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError();
}
