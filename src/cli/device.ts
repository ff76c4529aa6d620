import type { Model } from '../core/onnx/types.ts';
import { choice, UsageError, wholeNumber, type CommandArguments } from './arguments.ts';

export const RUNTIMES = ['wasm', 'node'] as const;

export type RuntimeName = (typeof RUNTIMES)[number];

/** What computes: `--runtime` and `--threads`. */
export interface ChosenDevice {
  readonly name: RuntimeName;
  /** Absent: see {@link deviceFor}. */
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

/** Bytes of weights below which threads cost more in waiting for each other than they save. */
const SMALL = 16 * 2 ** 20;

/** The same device with one thread for a small model, unless told otherwise: else it takes all cores, up to eight. */
export function deviceFor(device: ChosenDevice, bytes: number): ChosenDevice {
  const alone = device.name === 'wasm' && device.threads === undefined && bytes < SMALL;
  return alone ? { ...device, threads: 1 } : device;
}

/** Of all stored tensors. */
export function weightBytes({ graph }: Model): number {
  return graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
}
