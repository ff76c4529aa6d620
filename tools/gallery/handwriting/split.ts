import { shuffled } from '../shuffle.ts';

/** Decides, with the label, which of MNIST's training images the model was trained on. */
export const SPLIT_SEED = 7;
export const CALIBRATED = 256;
export const VALIDATED = 1000;

/** Indices of MNIST's training images: those trained on, and those that calibrate and validate. */
export interface Split {
  readonly calibration: readonly number[];
  readonly validation: readonly number[];
  readonly training: readonly number[];
}

/** The same split whenever it is asked for, so that what is healed later sees no more than what was trained. */
export function splitImages(count: number): Split {
  const order = shuffled([...Array(count).keys()], SPLIT_SEED, 'split');
  return {
    calibration: order.slice(0, CALIBRATED),
    validation: order.slice(CALIBRATED, CALIBRATED + VALIDATED),
    training: order.slice(CALIBRATED + VALIDATED),
  };
}
