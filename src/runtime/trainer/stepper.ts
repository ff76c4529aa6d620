import type { AdamWOptions } from '../../core/training/adamw.ts';
import {
  buildGradientGraph,
  buildTrainingGraph,
  buildUpdateGraph,
  type TrainingInput,
} from '../../core/training/training-graph.ts';
import { VALUES } from '../../core/training/value-names.ts';
import type { Cut } from '../../core/autodiff/types.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { DeviceValue, Runtime, Session } from '../types.ts';
import { dispose, HeldState } from './held-state.ts';
import { meanOf, readStep, type StepResult } from './step-result.ts';
import type { TrainingState } from './state.ts';
import { optimiserScalars, scalar, vector } from './feeds.ts';

export type Feeds = Readonly<Record<string, Value>>;

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
  /** θ alone, as it lies on the device, to feed another session; valid until the next step. */
  theta(): DeviceValue | Value;
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

const STATE_OUTPUTS = [VALUES.nextTheta, VALUES.nextM, VALUES.nextV];

async function openFused(
  runtime: Runtime,
  input: TrainingInput,
  adamW: AdamWOptions,
  start: TrainingState,
): Promise<Stepper> {
  const { model, cuts } = buildTrainingGraph(input, adamW);
  const session = await runtime.open(model, trainingSessionOptions(runtime, STATE_OUTPUTS));
  const held = new HeldState(start);
  return {
    cuts,
    step: async ([batch], learningRate) => {
      const scalars = optimiserScalars(held.step + 1, learningRate, adamW);
      const results = await session.runOnDevice({ ...batch, ...held.feeds(), ...scalars });
      return held.take(results, await readStep(results));
    },
    state: () => held.read(),
    theta: () => held.theta,
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
    update = await runtime.open(graph, trainingSessionOptions(runtime, STATE_OUTPUTS));
  } catch (error) {
    await gradient.release();
    throw error;
  }
  const held = new HeldState(start);
  return {
    cuts,
    step: async (batches, learningRate) => {
      const { sum, means } = await accumulate(gradient, batches, held.theta, start.theta.length);
      const scalars = optimiserScalars(held.step + 1, learningRate, adamW);
      const results = await update.runOnDevice({
        ...held.feeds(),
        [VALUES.sum]: sum,
        ...scalars,
      });
      dispose(sum);
      const { gradientNorm } = await readStep(results);
      return held.take(results, { ...means, gradientNorm });
    },
    state: () => held.read(),
    theta: () => held.theta,
    release: () => held.release([gradient, update]),
  };
}

/** Σ over the batches of ∂L/∂θ / n, and the mean losses. */
async function accumulate(
  session: Session,
  batches: readonly Feeds[],
  theta: Value | DeviceValue,
  size: number,
) {
  let sum: Value | DeviceValue = vector(new Float32Array(size));
  const share = scalar(1 / batches.length);
  const losses: StepResult[] = [];
  for (const batch of batches) {
    const feeds = { ...batch, [VALUES.theta]: theta, [VALUES.sum]: sum, [VALUES.share]: share };
    const results = await session.runOnDevice(feeds);
    dispose(sum);
    sum = results[VALUES.nextSum];
    losses.push(await readStep(results));
  }
  return { sum, means: meanOf(losses) };
}
