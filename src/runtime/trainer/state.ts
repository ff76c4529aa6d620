import type { TrainingVectors } from '../../core/training/between.ts';
import type { LossScale } from '../../core/training/loss-scale.ts';

/** All a training run needs to go on: θ, its moments and what lies beside, and how many steps made them. */
export interface TrainingState extends TrainingVectors {
  /** Finished optimiser steps. */
  readonly step: number;
  /** S of float16 training. */
  readonly lossScale?: LossScale;
}

/** A run's beginning: θ and what lies beside as given, no moments yet. */
export function initialState(
  theta: Float32Array,
  further: TrainingVectors['further'] = {},
): TrainingState {
  const zeros = () => new Float32Array(theta.length);
  return { theta, m: zeros(), v: zeros(), further, step: 0 };
}
