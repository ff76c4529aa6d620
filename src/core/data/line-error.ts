import { LatheError } from '../errors/lathe-error.ts';

/** One line of a file of JSON objects, and where it stands. */
export interface Line {
  readonly number: number;
  readonly value: Record<string, unknown>;
}

/** A mistake in one line of a data file: where, what, and what to do. */
export function lineError(name: string, line: number, what: string, remedy: string): LatheError {
  return new LatheError('data-line', `Line ${line} of "${name}" ${what}; ${remedy}.`, { line });
}
