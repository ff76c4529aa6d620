import { choice, UsageError, wholeNumber, type CommandArguments } from './arguments.ts';

export const RUNTIMES = ['wasm', 'node'] as const;

export type RuntimeName = (typeof RUNTIMES)[number];

/** What computes: `--runtime` and `--threads`. */
export interface ChosenDevice {
  readonly name: RuntimeName;
  /** Absent: as many as this machine has cores, at most eight. */
  readonly threads?: number;
}

/** More threads than this are no use to anyone, and each takes memory. */
const MOST = 64;

/** The options that {@link chosenDevice} reads. */
export const DEVICE_OPTIONS = { runtime: 'string', threads: 'string' } as const;

/** Throws `usage` for an unknown runtime, and for threads that are no number from 1 to 64. */
export function chosenDevice(args: CommandArguments): ChosenDevice {
  const name = choice(args, 'runtime', RUNTIMES) ?? 'wasm';
  const threads = wholeNumber(args, 'threads');
  if (threads === undefined) return { name };
  if (threads < 1 || threads > MOST) {
    throw new UsageError(`--threads is ${threads}, but it must be from 1 to ${MOST}.`);
  }
  return { name, threads };
}
