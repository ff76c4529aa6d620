import type { StepEvent } from '../../src/runtime/trainer/loop.ts';
import type { TrainingState } from '../../src/runtime/trainer/state.ts';
import { writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { CurvePoint, TrainHooks } from './trainer-contract.ts';

/**
 * One sitting of a run: notes the curve and the best weights, and writes a checkpoint at every look
 * at validation data. Ends the run, to go on later, at the first checkpoint after `stopAfter` steps.
 */
export class Sitting {
  readonly #hooks: TrainHooks;
  readonly #abort = new AbortController();
  #last: Checkpoint;
  #losses: number[] = [];
  #point: CurvePoint | undefined;
  #watch = performance.now();

  constructor(start: Checkpoint, hooks: TrainHooks) {
    this.#last = start;
    this.#hooks = hooks;
    this.#endIfDue();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** As of the last checkpoint. */
  get last(): Checkpoint {
    return this.#last;
  }

  /** Runs `body` outside the time of the run: looking at validation data is no training. */
  async untimed<T>(body: () => Promise<T>): Promise<T> {
    const before = performance.now();
    try {
      return await body();
    } finally {
      this.#watch += performance.now() - before;
    }
  }

  step({ step, learningRate, loss, validation }: StepEvent): void {
    this.#losses.push(loss);
    if (validation === undefined) return;
    const mean = this.#losses.reduce((sum, value) => sum + value, 0) / this.#losses.length;
    this.#losses = [];
    this.#point = { step, learningRate, loss: mean, validation: validation.loss };
  }

  checkpoint(state: TrainingState): void {
    const point = this.#point;
    if (point?.step !== state.step) return;
    const { best, curve, run } = this.#last;
    const better = point.validation.value < best.loss;
    const seconds = this.#last.seconds + (performance.now() - this.#watch) / 1000;
    this.#last = {
      run,
      state,
      seconds,
      curve: [...curve, point],
      best: better ? { step: state.step, loss: point.validation.value, theta: state.theta } : best,
    };
    this.#point = undefined;
    writeCheckpoint(this.#hooks.folder, this.#last);
    this.#hooks.log(describe(point, seconds));
    this.#watch = performance.now();
    this.#endIfDue();
  }

  #endIfDue(): void {
    if (this.#last.state.step >= (this.#hooks.stopAfter ?? Infinity)) this.#abort.abort();
  }
}

function describe({ step, loss, validation, learningRate }: CurvePoint, seconds: number): string {
  const { value, standardError } = validation;
  return `step ${step}: loss ${loss.toFixed(4)}, validation ${value.toFixed(4)} ± ${standardError.toFixed(4)}, learning rate ${learningRate.toExponential(2)}, ${seconds.toFixed(0)} s`;
}
