import type { StepEvent } from '../../src/runtime/trainer/loop.ts';
import type { TrainingState } from '../../src/runtime/trainer/state.ts';
import { writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { Best, CurvePoint, Keep, TrainHooks } from './trainer-contract.ts';

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
    const { loss: measured, accuracy } = validation;
    this.#point = {
      step,
      learningRate,
      loss: mean,
      validation: measured,
      accuracy: accuracy.value,
    };
  }

  checkpoint(state: TrainingState): void {
    const point = this.#point;
    if (point?.step !== state.step) return;
    const { best, curve, run } = this.#last;
    const found = candidate(point, state.theta);
    const better = isBetter(found, best, this.#hooks.keep);
    const seconds = this.#last.seconds + (performance.now() - this.#watch) / 1000;
    this.#last = {
      run,
      state,
      seconds,
      curve: [...curve, point],
      best: better ? found : best,
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

function candidate({ step, validation, accuracy }: CurvePoint, theta: Float32Array): Best {
  return {
    step,
    loss: validation.value,
    ...(accuracy !== undefined && { error: 1 - accuracy }),
    theta,
  };
}

function isBetter(found: Best, best: Best, keep: Keep = 'least loss'): boolean {
  const [now, before] = [found.error ?? 1, best.error ?? 1];
  if (keep === 'fewest errors' && now !== before) return now < before;
  return found.loss < best.loss;
}

function describe(point: CurvePoint, seconds: number): string {
  const { step, loss, validation, accuracy, learningRate } = point;
  const right = accuracy === undefined ? '' : ` (${(100 * accuracy).toFixed(2)} % right)`;
  const { value, standardError } = validation;
  return `step ${step}: loss ${loss.toFixed(4)}, validation ${value.toFixed(4)} ± ${standardError.toFixed(4)}${right}, learning rate ${learningRate.toExponential(2)}, ${seconds.toFixed(0)} s`;
}
