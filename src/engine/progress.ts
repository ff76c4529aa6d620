/** One part of a job, weighted by how long it is expected to take relative to the others. */
export interface StagePlan {
  readonly name: string;
  readonly weight: number;
}

export interface ProgressEvent {
  readonly stage: string;
  readonly detail?: string;
  readonly fraction: number;
  readonly secondsLeft?: number;
}

export type OnProgress = (event: ProgressEvent) => void;

/** Shown only when it can be believed: some time has passed and some of the way is done. */
const BELIEVABLE = { seconds: 1, fraction: 0.03 };

/**
 * One monotone bar over all stages of a job. A stage that reports backwards is ignored, so the bar
 * never moves left; the last report of the last stage is exactly 1.
 */
export class JobProgressBar {
  readonly #starts: readonly number[];
  readonly #total: number;
  readonly #begin: number;
  #highest = 0;

  constructor(
    readonly stages: readonly StagePlan[],
    readonly emit: OnProgress,
    readonly now: () => number,
  ) {
    const starts: number[] = [];
    let sum = 0;
    for (const stage of stages) {
      starts.push(sum);
      sum += stage.weight;
    }
    this.#starts = starts;
    this.#total = sum;
    this.#begin = now();
  }

  /** The reporter of stage `index`, 0…1 within the stage. */
  stage(index: number): (fraction: number, detail?: string) => void {
    const plan = this.stages[index];
    const start = this.#starts[index];
    if (plan === undefined || start === undefined) throw new RangeError(`no stage ${index}`);
    return (fraction, detail) => {
      const within = Math.min(1, Math.max(0, fraction)) * plan.weight;
      this.#report(plan.name, (start + within) / this.#total, detail);
    };
  }

  #report(stage: string, fraction: number, detail: string | undefined): void {
    this.#highest = Math.max(this.#highest, fraction);
    this.emit({
      stage,
      fraction: this.#highest,
      ...(detail === undefined ? {} : { detail }),
      ...this.#timeLeft(),
    });
  }

  #timeLeft(): { secondsLeft?: number } {
    const seconds = (this.now() - this.#begin) / 1000;
    if (seconds < BELIEVABLE.seconds || this.#highest < BELIEVABLE.fraction) return {};
    return { secondsLeft: (seconds * (1 - this.#highest)) / this.#highest };
  }
}

/** One bar for several parts that each begin at 0 (deciding, then the run): it stands until they have caught up. */
export function neverBackwards(emit: OnProgress): OnProgress {
  let highest = 0;
  return (event) => {
    highest = Math.max(highest, event.fraction);
    emit({ ...event, fraction: highest });
  };
}
