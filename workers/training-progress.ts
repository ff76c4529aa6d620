/** One step of a training, as it happens. */
export interface TrainingPoint {
  /** 1 for the first, of `steps`. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly labelsPerSecond: number;
  readonly secondsLeft: number;
  /** Held-out loss in nats per label, at steps after which it was looked at. */
  readonly validation?: HeldOutLoss;
}

export interface HeldOutLoss {
  readonly value: number;
  /** Infinity when there is one example only. */
  readonly standardError: number;
}

/** A training is about to begin, or to go on from a checkpoint. */
export interface TrainingStart {
  readonly steps: number;
  /** Steps taken in an earlier sitting; 0 for a fresh start. */
  readonly resumedAt: number;
  /** Whether the loss that is trained is the held-out loss, so that one axis has room for both. */
  readonly labelsOnly: boolean;
  readonly before: HeldOutLoss;
  /** [step, loss] and [step, held-out loss, standard error] of the earlier sitting. */
  readonly curve: readonly (readonly [number, number])[];
  readonly validation: readonly (readonly [number, number, number])[];
}
