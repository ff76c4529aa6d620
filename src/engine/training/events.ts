import type { StepEvent } from '../../runtime/trainer/loop.ts';
import type { Measured } from '../../runtime/trainer/validate.ts';
import type { Checkpoint } from './checkpoint.ts';

/** What goes on while a model is trained. */
export interface TrainingEvent extends StepEvent {
  /** Steps planned in all. */
  readonly steps: number;
  /** Labels learnt from so far per second, since this run (not an earlier one) began. */
  readonly labelsPerSecond: number;
  /** Until the last step, at the pace so far; time spent paused does not count. */
  readonly secondsLeft: number;
}

/** Said once, before the first step. */
export interface TrainingStart {
  /** Steps planned in all, and how many of them a checkpoint has taken already. */
  readonly steps: number;
  readonly resumedAt: number;
  /** Whether the loss that is trained is the held-out loss: on labels alone, not towards a teacher. */
  readonly labelsOnly: boolean;
  /** Held-out loss of the model as it comes. */
  readonly before: Measured;
  /** What the earlier sitting saw. */
  readonly curve: Checkpoint['curve'];
  readonly validation: Checkpoint['validation'];
}
