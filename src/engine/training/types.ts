import type { BatchShape } from '../../core/training/bindings.ts';
import type { Feeds } from '../../runtime/trainer/stepper.ts';
import type { ValidationBatch } from '../../runtime/trainer/validate.ts';
import type { PortInfo } from '../../runtime/types.ts';

/** Data cut, split and ready to train on, in batches of one size. */
export interface TrainingData {
  /** Hash of everything training looks at, the held-out part included. */
  readonly sha256: string;
  readonly shape: BatchShape;
  /** Examples or windows trained on, and kept aside. */
  readonly count: number;
  readonly heldOut: number;
  /** Labels of one full batch. */
  readonly labelsPerBatch: number;
  /** Refuses labels the scores have no class for. Throws `label-outside-classes`. */
  checkClasses(classes: number): void;
  /** Batch `index` of the seeded order, for the inputs a graph has. */
  batch(index: number, ports: readonly PortInfo[], seed: number): Feeds;
  validation(ports: readonly PortInfo[]): ValidationBatch[];
}
