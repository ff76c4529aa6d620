import type { JobProgress, TrainingPoint, TrainingStart } from '../../../workers/protocol.ts';

export type LossPoint = readonly [step: number, loss: number];
export type HeldOutPoint = readonly [step: number, loss: number, error: number];

/** A training as it goes on: all that its curve shows. */
export interface TrainingLog {
  readonly steps: number;
  /** Steps of an earlier sitting, whose checkpoint was taken up. */
  readonly resumedAt: number;
  /** Training loss and held-out loss are of one kind. */
  readonly labelsOnly: boolean;
  readonly curve: readonly LossPoint[];
  readonly validation: readonly HeldOutPoint[];
  /** The run has gone on to its next stage. */
  readonly over: boolean;
  /** The newest step of this sitting. */
  readonly last?: TrainingPoint;
}

/** The log after one more message, and whether that one came from another stage than the last. */
export function logged(
  log: TrainingLog | undefined,
  { trainingStart, training }: JobProgress,
  anotherStage: boolean,
): TrainingLog | undefined {
  if (trainingStart !== undefined) return begun(trainingStart);
  if (log === undefined) return undefined;
  if (training !== undefined) return grown(log, training);
  return anotherStage ? { ...log, over: true } : log;
}

/** Begins with the held-out loss of the model as it came, at step 0. */
function begun({ before, curve, validation, ...start }: TrainingStart): TrainingLog {
  const first = [0, before.value, finite(before.standardError)] as const;
  return { ...start, over: false, curve, validation: [first, ...validation] };
}

function grown(log: TrainingLog, last: TrainingPoint): TrainingLog {
  const { step, loss, validation } = last;
  return {
    ...log,
    last,
    curve: [...log.curve, [step, loss]],
    validation:
      validation === undefined
        ? log.validation
        : [...log.validation, [step, validation.value, finite(validation.standardError)]],
  };
}

/** The error of a single example is unknown. */
function finite(error: number): number {
  return Number.isFinite(error) ? error : 0;
}
