import type { Between, TrainingVectors } from '../../core/training/between.ts';
import { LatheError, throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { originPhrase, type Origin } from '../../core/training/finiteness-graph.ts';
import { learningRateAt, type Schedule } from '../../core/training/schedule.ts';
import type { TrainingState } from './state.ts';
import { isFiniteStep, type StepResult } from './step-result.ts';
import type { Feeds, Stepper } from './stepper.ts';
import type { Validation } from './validate.ts';

/** One finished step, as curves show it. */
export interface StepEvent extends StepResult {
  /** 1 for the first. */
  readonly step: number;
  readonly learningRate: number;
  /** Set at steps after which held-out data was looked at. */
  readonly validation?: Validation;
}

export interface LoopOptions {
  readonly schedule: Schedule;
  readonly accumulate: number;
  /** Batch `index` of the seeded order: 0, 1, 2 … over the whole run. */
  readonly batch: (index: number) => Feeds | Promise<Feeds>;
  readonly validate?: () => Promise<Validation>;
  /** Steps between two looks at held-out data. */
  readonly validateEvery: number;
  /** Looks without improvement after which the run ends; 0 never. */
  readonly patience: number;
  readonly onStep: (event: StepEvent) => void | Promise<void>;
  /** Called after every `checkpointEvery` steps, and when the run is paused or cancelled. */
  readonly onCheckpoint?: (state: TrainingState, best: BestSoFar | undefined) => Promise<void>;
  readonly checkpointEvery: number;
  /** Asked after every step: a checkpoint in between, because steps are slow. */
  readonly checkpointDue?: () => boolean;
  /** Resolves when the run may go on; undefined while it is not paused. */
  readonly paused?: () => Promise<void> | undefined;
  readonly signal?: AbortSignal;
  /** What is recomputed between steps. */
  readonly between?: Between | undefined;
  /** Asked once, when a step is not finite, with its batches: where did it begin? */
  readonly diagnose?: (batches: readonly Feeds[]) => Promise<Origin | undefined>;
  /** The best held-out result so far of a resumed run. */
  readonly best?: BestSoFar | undefined;
}

/** The θ that did best on held-out data. */
export interface BestSoFar {
  readonly step: number;
  readonly loss: number;
  readonly theta: Float32Array;
}

export interface LoopResult {
  /** θ with the least held-out loss, or the last one without held-out data. */
  readonly theta: Float32Array;
  /** What lies beside it at the end. */
  readonly further: TrainingVectors['further'];
  /** Step that made it. */
  readonly bestStep: number;
  readonly steps: number;
  readonly end: 'finished' | 'no improvement' | 'diverged';
  /** What went wrong at which step, when it diverged. */
  readonly divergence?: string;
}

/**
 * Steps until the schedule ends, held-out data stops getting better, or numbers stop being numbers; then
 * the best θ. A divergence before anything good was seen throws `training-diverged`. Cancelling takes
 * effect between two steps.
 */
export async function trainLoop(
  stepper: Stepper,
  start: TrainingState,
  options: LoopOptions,
): Promise<LoopResult> {
  const keeper = new BestKeeper(options.best);
  let step = start.step;
  while (step < options.schedule.steps) {
    await mayGoOn(stepper, keeper, options);
    await revise(step, stepper, options);
    const learningRate = learningRateAt(step, options.schedule);
    const batches = await batchesOf(step, options);
    const result = await stepper.step(batches, learningRate);
    if (!isFiniteStep(result)) {
      return keeper.afterDivergence(
        step,
        divergence(step + 1, result, await options.diagnose?.(batches)),
        stepper,
      );
    }
    step += 1;
    const validation = isDue(step, options) ? await options.validate?.() : undefined;
    await options.onStep({ ...result, step, learningRate, validation });
    if (validation && step > (options.between?.settled ?? -1))
      await keeper.look(step, validation.loss.value, stepper);
    if (isCheckpointDue(step, options)) await checkpoint(stepper, keeper, options);
    if (options.patience > 0 && keeper.looksWithoutGain >= options.patience) {
      return keeper.result(step, 'no improvement', stepper);
    }
  }
  return keeper.result(step, 'finished', stepper);
}

/** Waits while paused; a cancelled run leaves a checkpoint behind, so that it can be taken up again. */
async function mayGoOn(stepper: Stepper, keeper: BestKeeper, options: LoopOptions): Promise<void> {
  const over = options.paused?.();
  if (over !== undefined) {
    // Nobody waits now, and whoever pauses may well close the page.
    await checkpoint(stepper, keeper, options);
    await over;
  }
  if (options.signal?.aborted !== true) return;
  await checkpoint(stepper, keeper, options);
  throwIfCancelled(options.signal);
}

/** A checkpoint holds what the step left; so a run that is taken up again begins with the same revision. */
async function revise(step: number, stepper: Stepper, { between }: LoopOptions): Promise<void> {
  if (between?.isDue(step) === true) await stepper.revise((state) => between.revise(state, step));
}

async function checkpoint(
  stepper: Stepper,
  keeper: BestKeeper,
  { onCheckpoint }: LoopOptions,
): Promise<void> {
  await onCheckpoint?.(await stepper.state(), keeper.best);
}

function isDue(step: number, { validateEvery, schedule }: LoopOptions): boolean {
  return step % validateEvery === 0 || step === schedule.steps;
}

function isCheckpointDue(step: number, { checkpointEvery, checkpointDue }: LoopOptions): boolean {
  return step % checkpointEvery === 0 || checkpointDue?.() === true;
}

async function batchesOf(step: number, { accumulate, batch }: LoopOptions): Promise<Feeds[]> {
  const batches: Feeds[] = [];
  for (let k = 0; k < accumulate; k++) batches.push(await batch(step * accumulate + k));
  return batches;
}

/** Remembers the θ that held-out data liked best. */
class BestKeeper {
  looksWithoutGain = 0;

  constructor(public best: BestSoFar | undefined) {}

  async look(step: number, loss: number, stepper: Stepper): Promise<void> {
    if (loss >= (this.best?.loss ?? Infinity)) {
      this.looksWithoutGain += 1;
      return;
    }
    this.looksWithoutGain = 0;
    this.best = { step, loss, theta: (await stepper.state()).theta };
  }

  async result(steps: number, end: LoopResult['end'], stepper: Stepper): Promise<LoopResult> {
    const { further, ...last } = await stepper.state();
    const { theta, step } = this.best ?? last;
    return { theta, further, bestStep: step, steps, end };
  }

  async afterDivergence(steps: number, divergence: string, stepper: Stepper): Promise<LoopResult> {
    if (this.best === undefined) throw diverged(divergence);
    return { ...(await this.result(steps, 'diverged', stepper)), divergence };
  }
}

function divergence(
  step: number,
  { loss, gradientNorm }: StepResult,
  origin: Origin | undefined,
): string {
  const began = origin === undefined ? '' : `, which began ${originPhrase(origin)}`;
  return `At step ${step} the loss became ${loss} and the gradient ${gradientNorm}${began}`;
}

function diverged(divergence: string): LatheError {
  return new LatheError(
    'training-diverged',
    `${divergence}, so training cannot go on; lower the learning rate or clip gradients to a smaller norm.`,
  );
}
