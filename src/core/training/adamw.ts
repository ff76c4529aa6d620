import type { Emitter } from '../autodiff/emitter.ts';
import type { ParameterLayout } from './parameters.ts';

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** λ: decoupled decay of matrices. */
  readonly weightDecay: number;
  /** Gradients longer than this (global L2 norm) are shortened to it; 0 leaves them. */
  readonly clipNorm: number;
}

export const DEFAULT_ADAMW: AdamWOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
};

/** Values an update reads. θ, m, v and g are vectors of the same length, the rest scalars. */
export interface AdamWInputs {
  readonly theta: string;
  readonly m: string;
  readonly v: string;
  readonly gradient: string;
  /** η. */
  readonly learningRate: string;
  /** 1 − β₁ᵗ and 1 − β₂ᵗ, t = 1 at the first step: handed in because float32 cannot hold their powers well. */
  readonly correction1: string;
  readonly correction2: string;
  /** S when g is the gradient of S·L. */
  readonly lossScale?: string;
}

export interface AdamWOutputs {
  readonly theta: string;
  readonly m: string;
  readonly v: string;
  /** ‖g‖₂ before clipping, of the gradient of L itself. */
  readonly gradientNorm: string;
}

/**
 * One step of AdamW with clipping: g ← g·min(1, c/(‖g‖ + 10⁻⁶)), m ← β₁m + (1 − β₁)g,
 * v ← β₂v + (1 − β₂)g², θ ← (1 − ηλ)θ − η·(m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + ε); biases and
 * norms (the end of θ) do not decay. Scalars are folded first, so that θ is walked as few times as possible.
 * @see Loshchilov & Hutter 2019, arXiv:1711.05101
 */
export function adamW(
  emit: Emitter,
  inputs: AdamWInputs,
  layout: ParameterLayout,
  options: AdamWOptions,
): AdamWOutputs {
  const { beta1, beta2, epsilon, clipNorm } = options;
  const { gradient: g, learningRate, correction1, correction2 } = inputs;
  const one = emit.scalar(1);
  const unscale = (value: string): string =>
    inputs.lossScale === undefined ? value : emit.div(value, inputs.lossScale);
  const gradientNorm = unscale(emit.reduce('ReduceL2', g, [0], false));
  const clip = unscale(clipNorm > 0 ? clipFactor(emit, gradientNorm, clipNorm) : one);
  const share = emit.scale(clip, 1 - beta1);
  const m = emit.add(emit.scale(inputs.m, beta1), emit.mul(g, share));
  const square = emit.mul(emit.mul(g, emit.scale(emit.mul(clip, clip), 1 - beta2)), g);
  const v = emit.add(emit.scale(inputs.v, beta2), square);
  // η/c₁·m/(√v/√c₂ + ε) = η√c₂/c₁·m/(√v + ε√c₂): the scalars meet before the vectors do.
  const unbias = emit.unary('Sqrt', correction2);
  const denominator = emit.add(emit.unary('Sqrt', v), emit.scale(unbias, epsilon));
  const rate = emit.mul(emit.div(learningRate, correction1), unbias);
  const change = emit.mul(emit.div(m, denominator), rate);
  const kept = decay(emit, inputs, layout, options);
  return { theta: emit.sub(kept, change), m, v, gradientNorm };
}

function clipFactor(emit: Emitter, norm: string, limit: number): string {
  const ratio = emit.div(emit.scalar(limit), emit.add(norm, emit.scalar(1e-6)));
  return emit.binary('Min', ratio, emit.scalar(1));
}

function decay(
  emit: Emitter,
  { theta, learningRate }: AdamWInputs,
  { size, decayed }: ParameterLayout,
  { weightDecay }: AdamWOptions,
): string {
  if (weightDecay === 0 || decayed === 0) return theta;
  const factor = emit.sub(emit.scalar(1), emit.scale(learningRate, weightDecay));
  if (decayed === size) return emit.mul(theta, factor);
  const matrices = emit.mul(emit.slice(theta, 0, 0, decayed), factor);
  return emit.concat([matrices, emit.slice(theta, 0, decayed, size)], 0);
}
