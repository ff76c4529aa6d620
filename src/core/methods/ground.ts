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
}
