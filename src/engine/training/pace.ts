import type { StepEvent } from '../../runtime/trainer/loop.ts';
import type { TrainingEvent } from './events.ts';

export interface PaceOptions {
  readonly steps: number;
  readonly labelsPerStep: number;
  /** Milliseconds. */
  readonly now: () => number;
}

/** What an interruption may cost at most, beside one step. */
const CHECKPOINT_MS = 5000;

/** How fast a training goes, and when its next checkpoint is due. Pauses do not count as time. */
export class Pace {
  #start: number;
  #checkpoint: number;

  constructor(
    readonly options: PaceOptions,
    /** Steps taken in an earlier sitting. */
    readonly firstStep: number,
  ) {
    this.#start = options.now();
    this.#checkpoint = this.#start;
  }

  event(event: StepEvent): TrainingEvent {
    const { steps, labelsPerStep, now } = this.options;
    const seconds = Math.max(now() - this.#start, 1) / 1000;
    const taken = event.step - this.firstStep;
    return {
      ...event,
      steps,
      labelsPerSecond: (taken * labelsPerStep) / seconds,
      secondsLeft: ((steps - event.step) * seconds) / taken,
    };
  }

  /** Waits for the end of a pause. */
  async pause(over: Promise<void>): Promise<void> {
    const { now } = this.options;
    const begin = now();
    await over;
    this.#start += now() - begin;
  }

  isCheckpointDue(): boolean {
    return this.options.now() - this.#checkpoint >= CHECKPOINT_MS;
  }

  checkpointed(): void {
    this.#checkpoint = this.options.now();
  }
}
