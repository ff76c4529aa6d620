import type { Model } from '../../src/core/onnx/types.ts';
import type { AdamWOptions } from '../../src/core/training/adamw.ts';
import type { BatchShape } from '../../src/core/training/bindings.ts';
import type { Schedule } from '../../src/core/training/schedule.ts';
import type { Feeds } from '../../src/runtime/trainer/stepper.ts';
import type { Measured, ValidationBatch } from '../../src/runtime/trainer/validate.ts';

/** How a gallery model is trained. Kept beside the model, in `training.json`. */
export interface TrainingConfig {
  /** Decides initial weights, order of the data and augmentation. */
  readonly seed: number;
  readonly shape: BatchShape;
  /** Learning rate: linear warm-up, then a cosine. */
  readonly schedule: Schedule;
  readonly adamW: AdamWOptions;
  /** Steps between two looks at validation data (and between checkpoints). */
  readonly validateEvery: number;
}

/** Data as the trainer takes it: feeds hold the model's inputs and `train.labels` (−100: no label). */
export interface TrainingData {
  /** Batch 0, 1, 2 … of the run: decided by the index alone, so that a run can be resumed. */
  readonly batch: (index: number) => Feeds;
  /** Data that decides which checkpoint is kept; never the evaluation. */
  readonly validation: readonly ValidationBatch[];
  /** Labels in one batch, for the count of tokens or examples per second. */
  readonly labelsPerBatch: number;
}

/** The weights that validation data likes best. */
export interface Best {
  readonly step: number;
  readonly loss: number;
  /** Share of validation labels that are not the largest score. */
  readonly error?: number;
  readonly theta: Float32Array;
}

export interface CurvePoint {
  readonly step: number;
  readonly learningRate: number;
  /** Mean training loss since the last point, nats per label. */
  readonly loss: number;
  readonly validation: Measured;
  /** Share of validation labels with the largest score. */
  readonly accuracy?: number;
}

/** What is remembered of a run. */
export interface TrainingRecord {
  readonly device: string;
  readonly threads: number;
  readonly parameters: number;
  readonly steps: number;
  /** Step whose weights are shipped: the one validation liked best. */
  readonly bestStep: number;
  /** Time in steps alone, over all sittings of a resumed run. */
  readonly seconds: number;
  readonly labelsPerSecond: number;
  readonly curve: readonly CurvePoint[];
}

/** What decides which weights are kept: a language model's loss, or a classifier's errors, then its loss. */
export type Keep = 'least loss' | 'fewest errors';

export interface TrainHooks {
  readonly keep?: Keep;
  /** Folder that holds the run's checkpoint; a run goes on from what it finds there. */
  readonly folder: string;
  readonly log: (line: string) => void;
  /** Ends after this many steps of the schedule, to go on later. */
  readonly stopAfter?: number;
}

export interface Trained {
  readonly model: Model;
  readonly record: TrainingRecord;
  /** False when the run was stopped before its schedule ended. */
  readonly finished: boolean;
}

export type Train = (
  model: Model,
  data: TrainingData,
  config: TrainingConfig,
  hooks: TrainHooks,
) => Promise<Trained>;
