import type { LossScale } from '../../core/training/loss-scale.ts';

/** All a training run needs to go on: θ and its moments, and how many steps made them. */
export interface TrainingState {
  readonly theta: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Finished optimiser steps. */
  readonly step: number;
  /** S of float16 training. */
  readonly lossScale?: LossScale;
}

/** A run's beginning: θ as given, no moments yet. */
export function initialState(theta: Float32Array): TrainingState {
  const zeros = () => new Float32Array(theta.length);
  return { theta, m: zeros(), v: zeros(), step: 0 };
}
