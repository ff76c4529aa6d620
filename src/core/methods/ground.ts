import type { Anatomy } from '../anatomy/types.ts';
import type { Model } from '../onnx/types.ts';
import type { Random } from '../random/random.ts';

/** A model with what was recognised in it. */
export interface Recognised {
  readonly model: Model;
  readonly anatomy: Anatomy;
}

/**
 * What a step starts from. While planning, what earlier steps will compute are holes (`plannedData`);
 * in a run the same graph has bytes everywhere.
 */
export interface Ground extends Recognised {
  /** The model as it was opened: what a teacher is. */
  readonly original: Model;
}

/** What work may use while it runs. */
export interface MethodContext {
  readonly signal?: AbortSignal;
  /** Fraction done of this call, 0…1. */
  readonly progress?: (fraction: number) => void;
  readonly random: Random;
  /** Absent where nothing outlives the run. */
  readonly keep?: KeepCodes;
}

/** Codes with their scales that several values of an option are made of. */
export interface KeptCodes {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  readonly warnings: readonly string[];
}

/**
 * What an earlier run made of the same layer, from the same ground, data and `depends`, which names all that decides it
 * besides; else what `make` makes, kept for later runs.
 */
export type KeepCodes = (
  depends: Readonly<Record<string, string | number | boolean>>,
  make: () => Promise<KeptCodes>,
) => Promise<KeptCodes>;
