/** One part of a job, weighted by how long it is expected to take relative to the others. */
export interface StagePlan {
  readonly name: string;
  readonly weight: number;
  /** Seconds that it took in earlier runs, where that is known. */
  readonly seconds?: number;
}

export interface ProgressEvent {
  readonly stage: string;
  readonly detail?: string;
  readonly fraction: number;
  readonly secondsLeft?: number;
}

export type OnProgress = (event: ProgressEvent) => void;

/** Shown only when it can be believed: some time has passed and some of the way is done. */
const BELIEVABLE = { seconds: 1, fraction: 0.1 };

/** Earlier runs speak as loudly as this share of the whole run, until it has shown its own pace. */
const TRUST = 0.25;
/** So much of a stage that no earlier run knows shows its pace. */
const SHOWN = 0.1;

/**
 * One monotone bar over all stages of a job. A stage that reports backwards is ignored, so the bar
 * never moves left; the last report of the last stage is exactly 1.
 */
export class JobProgressBar {
  readonly #starts: readonly number[];
  readonly #lengths: readonly number[];
  readonly #total: number;
  /** Lengths are seconds of earlier runs, not mere shares. */
  readonly #learned: boolean;
  readonly #spent: number[];
  /** How far each stage is, 0…1. */
  readonly #within: number[];
  readonly #kept = new Set<number>();
  readonly #begin: number;
  #current = 0;
  #reported: number;
  #highest = 0;
  #latest: ProgressEvent | undefined;

  constructor(
    readonly stages: readonly StagePlan[],
    readonly emit: OnProgress,
    readonly now: () => number,
  ) {
    this.#learned = stages.some(({ seconds }) => seconds !== undefined);
    this.#lengths = lengthsOf(stages);
    this.#starts = stages.map((_, index) => sum(this.#lengths.slice(0, index)));
    this.#total = sum(this.#lengths);
    this.#spent = stages.map(() => 0);
    this.#within = stages.map(() => 0);
    this.#begin = now();
    this.#reported = this.#begin;
  }

  /** The reporter of stage `index`, 0…1 within the stage. */
  stage(index: number): (fraction: number, detail?: string) => void {
    if (this.stages[index] === undefined) throw new RangeError(`no stage ${index}`);
    return (fraction, detail) => {
      this.#report(index, Math.min(1, Math.max(0, fraction)), detail);
    };
  }

  /** Stage `index` was kept from an earlier run: its length says nothing about this one's pace. */
  keep(index: number): void {
    this.#kept.add(index);
  }

  /** What was told last. */
  get latest(): ProgressEvent | undefined {
    return this.#latest;
  }

  /** Seconds that stage `index` took, where it was done from beginning to end. */
  secondsOf(index: number): number | undefined {
    return this.#within[index] === 1 && !this.#kept.has(index) ? this.#spent[index] : undefined;
  }

  #report(index: number, within: number, detail: string | undefined): void {
    const now = this.now();
    // A stage's first word comes when another one is over; all later words after some of its own work.
    const further = Math.max(this.#current, index);
    this.#spent[within === 0 ? this.#current : further] += (now - this.#reported) / 1000;
    this.#reported = now;
    this.#current = further;
    this.#within[index] = Math.max(this.#within[index], within);
    const position = this.#starts[index] + within * this.#lengths[index];
    this.#highest = Math.max(this.#highest, position / this.#total);
    this.#latest = {
      stage: this.stages[index].name,
      fraction: this.#highest,
      ...(detail === undefined ? {} : { detail }),
      ...this.#timeLeft(now),
    };
    this.emit(this.#latest);
  }

  #timeLeft(now: number): { secondsLeft?: number } {
    const seconds = (now - this.#begin) / 1000;
    if (seconds < BELIEVABLE.seconds) return {};
    if (this.#learned) return { secondsLeft: this.#learnedLeft() };
    if (this.#highest < BELIEVABLE.fraction) return {};
    const kept = sum([...this.#kept].map((index) => this.#lengths[index])) / this.#total;
    const done = this.#highest - kept;
    return done > 0 ? { secondsLeft: (seconds * (1 - this.#highest)) / done } : {};
  }

  /**
   * What earlier runs say of the stages to come, at this run's pace. That is of known stages alone: how wrong the
   * guess of an unknown one was says nothing about the others.
   */
  #learnedLeft(): number {
    const all = this.stages.map((_, index) => index);
    const known = all.filter((i) => this.stages[i].seconds !== undefined && !this.#kept.has(i));
    const trust = TRUST * sum(known.map((i) => this.#lengths[i]));
    const spent = sum(known.map((i) => this.#spent[i]));
    const done = sum(known.map((i) => this.#lengths[i] * this.#within[i]));
    const pace = done + trust > 0 ? (spent + trust) / (done + trust) : 1;
    return sum(all.slice(this.#current).map((i) => this.#stageLeft(i, pace)));
  }

  #stageLeft(index: number, pace: number): number {
    const [within, spent] = [this.#within[index], this.#spent[index]];
    const unknown = this.stages[index].seconds === undefined;
    if (unknown && within >= SHOWN) return (spent * (1 - within)) / within;
    return this.#lengths[index] * (1 - within) * pace;
  }
}

/** Seconds where earlier runs tell them; rough shares where they do not, at the pace of those that are told. */
function lengthsOf(stages: readonly StagePlan[]): readonly number[] {
  const known = stages.filter(({ seconds }) => seconds !== undefined);
  const weights = sum(known.map(({ weight }) => weight));
  const pace = weights > 0 ? sum(known.map(({ seconds = 0 }) => seconds)) / weights : 1;
  return stages.map(({ weight, seconds }) => seconds ?? weight * pace);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** One bar for several parts that each begin at 0 (deciding, then the run): it stands until they have caught up. */
export function neverBackwards(emit: OnProgress): OnProgress {
  let highest = 0;
  return (event) => {
    highest = Math.max(highest, event.fraction);
    emit({ ...event, fraction: highest });
  };
}
