import type { AdamWOptions } from '../../core/training/adamw.ts';
import {
  buildGradientGraph,
  buildTrainingGraph,
  buildUpdateGraph,
  type TrainingInput,
} from '../../core/training/training-graph.ts';
import type { TrainingVectors } from '../../core/training/between.ts';
import { VALUES } from '../../core/training/value-names.ts';
import type { Cut } from '../../core/autodiff/types.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { DeviceValue, Runtime, Session } from '../types.ts';
import { dispose, HeldState } from './held-state.ts';
import { meanOf, readStep, type StepResult } from './step-result.ts';
import type { TrainingState } from './state.ts';
import { optimiserScalars, scalar, vector } from './feeds.ts';

export type Feeds = Readonly<Record<string, Value>>;

/** What a session that judges θ is fed with beside a batch. */
export type WeightFeeds = Readonly<Record<string, Value | DeviceValue>>;

/** Takes optimiser steps; θ, m and v stay on the device between them. */
export interface Stepper {
  readonly cuts: readonly Cut[];
  /**
   * One step over one or several batches, whose gradients are averaged. A step whose loss or gradient is
   * not finite is told and not taken: the state stays as it was.
   */
  step(batches: readonly Feeds[], learningRate: number): Promise<StepResult>;
  /** A copy of the state as it is now. */
  state(): Promise<TrainingState>;
  /** Replaces vectors of the state between two steps. */
  revise(change: (state: TrainingState) => Partial<TrainingVectors>): Promise<void>;
  /** θ and its mask as they lie on the device, to feed another session; valid until the next step or revision. */
  weights(): WeightFeeds;
  release(): Promise<void>;
}

export interface StepperOptions {
  readonly adamW: AdamWOptions;
  /** Batches per step: 1 makes forward, backward and update one graph. */
  readonly accumulate: number;
}

/** Opens the sessions of a training run. On failure nothing stays open. */
export async function openStepper(
  runtime: Runtime,
  input: TrainingInput,
  options: StepperOptions,
  start: TrainingState,
): Promise<Stepper> {
  return options.accumulate === 1
    ? openFused(runtime, input, options.adamW, start)
    : openAccumulating(runtime, input, options.adamW, start);
}

/** Optimisations that fuse are worth their time on CPUs; on GPUs creation time grows too much. */
export function trainingSessionOptions(runtime: Runtime, keepOnDevice: readonly string[]) {
  const optimization = runtime.device === 'webgpu' ? ('basic' as const) : ('all' as const);
  return { optimization, keepOnDevice };
}

/** What stays on the device between steps. */
function stateOutputs({ masked }: TrainingInput): readonly string[] {
  const scores = masked?.scores === true ? [VALUES.nextScores] : [];
  return [VALUES.nextTheta, VALUES.nextM, VALUES.nextV, ...scores];
}

/** One try at a step with the loss scale as it is. */
type Attempt = (batches: readonly Feeds[], learningRate: number) => Promise<StepResult>;

/**
 * In float16 a gradient that overflows is taken again with half the loss scale, until it fits: no step
 * is lost. A loss that is not finite cannot be helped that way.
 */
function withLossScale(held: HeldState, scaled: boolean | undefined, attempt: Attempt): Attempt {
  if (!scaled) return attempt;
  return async (batches, learningRate) => {
    let result = await attempt(batches, learningRate);
    while (
      Number.isFinite(result.loss) &&
      !Number.isFinite(result.gradientNorm) &&
      held.halveLossScale()
    ) {
      result = await attempt(batches, learningRate);
    }
    return result;
  };
}

/** S as a feed, where there is one. */
function lossScaleOf(held: HeldState, scaled: boolean | undefined): Record<string, Value> {
  return scaled ? { [VALUES.lossScale]: scalar(held.lossScale) } : {};
}

async function openFused(
  runtime: Runtime,
  input: TrainingInput,
  adamW: AdamWOptions,
  start: TrainingState,
): Promise<Stepper> {
  const { model, cuts } = buildTrainingGraph(input, adamW);
  const session = await runtime.open(model, trainingSessionOptions(runtime, stateOutputs(input)));
  const held = new HeldState(start);
  const { scaled } = input;
  return {
    cuts,
    step: withLossScale(held, scaled, async ([batch], learningRate) => {
      const scalars = {
        ...optimiserScalars(held.step + 1, learningRate, adamW),
        ...lossScaleOf(held, scaled),
      };
      const results = await session.runOnDevice({ ...batch, ...held.feeds(), ...scalars });
      return held.take(results, await readStep(results));
    }),
    state: () => held.read(),
    revise: (change) => held.revise(change),
    weights: () => held.weights(),
    release: () => held.release([session]),
  };
}

async function openAccumulating(
  runtime: Runtime,
  input: TrainingInput,
  adamW: AdamWOptions,
  start: TrainingState,
): Promise<Stepper> {
  const { model, cuts } = buildGradientGraph(input);
  const gradient = await runtime.open(model, trainingSessionOptions(runtime, [VALUES.nextSum]));
  let update: Session;
  try {
    const graph = buildUpdateGraph(input, adamW);
    update = await runtime.open(graph, trainingSessionOptions(runtime, stateOutputs(input)));
  } catch (error) {
    await gradient.release();
    throw error;
  }
  const held = new HeldState(start);
  const { scaled } = input;
  return {
    cuts,
    step: withLossScale(held, scaled, async (batches, learningRate) => {
      const scale = lossScaleOf(held, scaled);
      const parts = batches.map((batch) => ({ ...batch, ...scale }));
      const { sum, means } = await accumulate(gradient, parts, held.weights(), start.theta.length);
      const scalars = optimiserScalars(held.step + 1, learningRate, adamW);
      const results = await update.runOnDevice({
        ...held.feeds(),
        ...{ [VALUES.sum]: sum, ...scalars, ...scale },
      });
      dispose(sum);
      const { gradientNorm } = await readStep(results);
      return held.take(results, { ...means, gradientNorm });
    }),
    state: () => held.read(),
    revise: (change) => held.revise(change),
    weights: () => held.weights(),
    release: () => held.release([gradient, update]),
  };
}

/** Σ over the batches of ∂L/∂θ / n, and the mean losses. */
async function accumulate(
  session: Session,
  batches: readonly Feeds[],
  weights: WeightFeeds,
  size: number,
) {
  let sum: Value | DeviceValue = vector(new Float32Array(size));
  const share = scalar(1 / batches.length);
  const losses: StepResult[] = [];
  for (const batch of batches) {
    const feeds = { ...batch, ...weights, [VALUES.sum]: sum, [VALUES.share]: share };
    const results = await session.runOnDevice(feeds);
    dispose(sum);
    sum = results[VALUES.nextSum];
    losses.push(await readStep(results));
  }
  return { sum, means: meanOf(losses) };
}
