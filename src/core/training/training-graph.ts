import { differentiate } from '../autodiff/differentiate.ts';
import { Emitter } from '../autodiff/emitter.ts';
import { staticValues } from '../autodiff/static-values.ts';
import type { Cut } from '../autodiff/types.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { makeValueInfo } from '../onnx/graph/make.ts';
import type { Model, Node, ValueInfo } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import { adamW, type AdamWInputs, type AdamWOptions } from './adamw.ts';
import { assemble, type NamedOutput } from './assemble.ts';
import { flattened, maskedByZeros, unflattened } from './flat.ts';
import type { WeightedLoss } from './losses/types.ts';
import {
  declareMask,
  maskedGradient,
  maskingInputs,
  maskInputs,
  movedScores,
  type MaskedPart,
} from './masking.ts';
import type { ParameterLayout } from './parameters.ts';
import { TRAINING_PREFIX, VALUES } from './value-names.ts';

export interface TrainingInput {
  /** The forward graph: all sizes fixed, written in primitives (`normalise`). */
  readonly forward: Model;
  readonly layout: ParameterLayout;
  /** Graph inputs that only losses read, e.g. labels [batch, sequence] int64, sizes fixed. */
  readonly extraInputs: readonly ValueInfo[];
  readonly losses: readonly WeightedLoss[];
  /**
   * The graph computes in float16: gradients are taken of S·L, so that small ones do not vanish, and
   * divided by S before the update. S is an input.
   */
  readonly scaled?: boolean;
  /** Matrix entries that are exactly zero stay zero, of all matrices or of those named: pruned weights stay pruned. */
  readonly keepZeros?: boolean | ReadonlySet<string>;
  /** The part of θ that takes part under a mask: M is one more input, S where scored one more input and output. */
  readonly masked?: MaskedPart | undefined;
}

export interface TrainingGraph {
  readonly model: Model;
  /** Paths on which no gradient flows, with the reason. */
  readonly cuts: readonly Cut[];
}

/**
 * Forward, losses, backward and one AdamW step as one ordinary ONNX graph. Inputs: those of the
 * forward graph, `extraInputs`, θ, m, v [P] and the scalars η, 1 − β₁ᵗ, 1 − β₂ᵗ; outputs: the next θ, m,
 * v, the loss L = Σ wᵢLᵢ, each Lᵢ when there are several, and ‖∂L/∂θ‖. Names are in {@link VALUES}.
 * Throws `no-gradient`, `gradient-shape-unknown`, `gradient-none`.
 */
export function buildTrainingGraph(input: TrainingInput, options: AdamWOptions): TrainingGraph {
  const { forward, layout, extraInputs } = input;
  const { emit, replaced, outputs, gradient, cuts } = writeGradient(input);
  const update = writeUpdate(emit, input, gradient, options);
  const inputs = [
    ...extraInputs,
    ...vectors(layout, THETA_M_V),
    ...scalarsOf(input),
    ...maskingInputs(input.masked),
  ];
  return {
    cuts,
    model: assemble({ forward, emit, inputs, outputs: [...update, ...outputs], replaced }),
  };
}

/**
 * Forward, losses and backward alone, for gradient accumulation: instead of m, v and the scalars it
 * reads Σ [P], the sum so far, and `share`; it gives Σ + share·∂L/∂θ, the loss and its terms.
 */
export function buildGradientGraph(input: TrainingInput): TrainingGraph {
  const { forward, layout, extraInputs } = input;
  const { emit, replaced, outputs, gradient, cuts } = writeGradient(input);
  const sum = declareVector(emit, VALUES.sum, layout);
  const next = emit.add(sum, emit.mul(gradient, declareScalar(emit, VALUES.share)));
  const accumulated = { name: VALUES.nextSum, value: next, dims: [layout.size] };
  const inputs = [
    ...extraInputs,
    ...vectors(layout, [VALUES.theta, VALUES.sum]),
    makeValueInfo(VALUES.share, DataType.float32, []),
    ...(input.scaled ? [LOSS_SCALE] : []),
    ...maskInputs(input.masked),
  ];
  return {
    cuts,
    model: assemble({ forward, emit, inputs, outputs: [accumulated, ...outputs], replaced }),
  };
}

/** AdamW alone, after {@link buildGradientGraph}: Σ is the gradient. */
export function buildUpdateGraph(
  input: Pick<TrainingInput, 'forward' | 'layout' | 'scaled' | 'masked'>,
  options: AdamWOptions,
): Model {
  const { forward, layout } = input;
  const emit = new Emitter({ type: () => undefined, constant: () => undefined }, TRAINING_PREFIX);
  declareVector(emit, VALUES.theta, layout);
  declareMask(emit, input.masked);
  const outputs = writeUpdate(emit, input, declareVector(emit, VALUES.sum, layout), options);
  const graph = { ...forward.graph, nodes: [], initializers: [], inputs: [], outputs: [] };
  const inputs = [
    ...vectors(layout, [...THETA_M_V, VALUES.sum]),
    ...scalarsOf(input),
    ...maskingInputs(input.masked),
  ];
  return assemble({ forward: { ...forward, graph }, emit, inputs, outputs, replaced: new Map() });
}

export interface WrittenGradient {
  readonly emit: Emitter;
  readonly replaced: ReadonlyMap<string, string>;
  readonly outputs: readonly NamedOutput[];
  /** ∂L/∂θ [P], or ∂L/∂(θ∘M) where θ takes part under a mask. */
  readonly gradient: string;
  readonly cuts: readonly Cut[];
  /** The forward graph's node that each value of the backward pass belongs to. */
  readonly origins: ReadonlyMap<string, Node>;
}

/** Losses and backward pass as nodes of an emitter. */
export function writeGradient(input: TrainingInput): WrittenGradient {
  const { forward, layout, masked } = input;
  const emit = trainingEmitter(input);
  const replaced = unflattened(emit, layout, masked);
  const { seeds, outputs } = writeLosses(emit, input);
  const nodes = [...forward.graph.nodes, ...emit.nodes];
  const names = layout.parameters.map(({ name }) => name);
  const graph = { ...forward.graph, nodes };
  const { gradients, cuts, origins } = differentiate(graph, seeds, names, emit);
  if (gradients.size === 0) throw noGradientAtAll(cuts);
  const whole = flattened(emit, layout, gradients);
  const { keepZeros = false } = input;
  const gradient = keepZeros === false ? whole : maskedByZeros(emit, layout, whole, keepZeros);
  return { emit, replaced, outputs, gradient, cuts, origins };
}

/** An emitter that knows the forward graph, what the losses read, θ and its mask. */
export function trainingEmitter({
  forward,
  layout,
  extraInputs,
  masked,
}: Pick<TrainingInput, 'forward' | 'layout' | 'extraInputs' | 'masked'>): Emitter {
  const emit = new Emitter(staticValues(forward), TRAINING_PREFIX);
  for (const { name, type } of extraInputs) {
    const dims = type?.dims?.map((dim) => dim.value ?? 0) ?? [];
    emit.declare(name, { dataType: type?.dataType ?? 0, dims });
  }
  declareVector(emit, VALUES.theta, layout);
  declareMask(emit, masked);
  return emit;
}

/** All losses and where the gradient starts; a value that two losses start from gets the sum. */
function writeLosses(emit: Emitter, { losses, scaled }: TrainingInput) {
  const enlarged = (gradient: string): string =>
    scaled ? emit.mul(gradient, declareScalar(emit, VALUES.lossScale)) : gradient;
  const seeds = new Map<string, string>();
  const terms = losses.map(({ name, weight, loss }) => {
    const { value, seeds: own } = loss(emit);
    for (const [start, gradient] of own ?? new Map([[value, emit.scalar(1)]])) {
      const seed = emit.cast(enlarged(emit.scale(gradient, weight)), emit.dataType(start));
      const before = seeds.get(start);
      seeds.set(start, before === undefined ? seed : emit.add(before, seed));
    }
    return { name: `${VALUES.loss}/${name}`, value, weighted: emit.scale(value, weight) };
  });
  const total = terms.map(({ weighted }) => weighted).reduce((sum, term) => emit.add(sum, term));
  const outputs: NamedOutput[] = [{ name: VALUES.loss, value: total, dims: [] }];
  if (terms.length > 1)
    outputs.push(...terms.map(({ name, value }) => ({ name, value, dims: [] })));
  return { seeds, outputs };
}

function writeUpdate(
  emit: Emitter,
  { layout, scaled, masked }: Pick<TrainingInput, 'layout' | 'scaled' | 'masked'>,
  gradient: string,
  options: AdamWOptions,
): NamedOutput[] {
  const inputs: AdamWInputs = {
    theta: VALUES.theta,
    m: declareVector(emit, VALUES.m, layout),
    v: declareVector(emit, VALUES.v, layout),
    gradient: masked ? maskedGradient(emit, gradient, masked, layout.size) : gradient,
    learningRate: declareScalar(emit, VALUES.learningRate),
    correction1: declareScalar(emit, VALUES.correction1),
    correction2: declareScalar(emit, VALUES.correction2),
    ...(scaled && { lossScale: declareScalar(emit, VALUES.lossScale) }),
  };
  const { theta, m, v, gradientNorm } = adamW(emit, inputs, layout, options);
  const dims = [layout.size];
  const scored =
    masked?.scores === true ? [nextScores(emit, masked, gradient, layout, inputs)] : [];
  return [
    { name: VALUES.nextTheta, value: theta, dims },
    { name: VALUES.nextM, value: m, dims },
    { name: VALUES.nextV, value: v, dims },
    { name: VALUES.gradientNorm, value: gradientNorm, dims: [] },
    ...scored,
  ];
}

function nextScores(
  emit: Emitter,
  masked: MaskedPart,
  gradient: string,
  layout: ParameterLayout,
  { lossScale }: AdamWInputs,
): NamedOutput {
  const value = movedScores(emit, gradient, masked, layout.size, lossScale);
  return { name: VALUES.nextScores, value, dims: [masked.size] };
}

const THETA_M_V = [VALUES.theta, VALUES.m, VALUES.v];

const SCALARS: readonly ValueInfo[] = [
  VALUES.learningRate,
  VALUES.correction1,
  VALUES.correction2,
].map((name) => makeValueInfo(name, DataType.float32, []));

const LOSS_SCALE = makeValueInfo(VALUES.lossScale, DataType.float32, []);

function scalarsOf({ scaled }: Pick<TrainingInput, 'scaled'>): readonly ValueInfo[] {
  return scaled ? [...SCALARS, LOSS_SCALE] : SCALARS;
}

function vectors({ size }: ParameterLayout, names: readonly string[]): ValueInfo[] {
  return names.map((name) => makeValueInfo(name, DataType.float32, [size]));
}

function declareVector(emit: Emitter, name: string, { size }: ParameterLayout): string {
  return emit.declare(name, { dataType: DataType.float32, dims: [size] });
}

function declareScalar(emit: Emitter, name: string): string {
  return emit.declare(name, { dataType: DataType.float32, dims: [] });
}

function noGradientAtAll(cuts: readonly Cut[]): LatheError {
  const [cut] = cuts;
  const reason = cut
    ? `the ${cut.operator} node "${cut.node}" ends the gradient: ${cut.reason}`
    : 'no loss depends on them';
  return new LatheError(
    'gradient-none',
    `The chosen weights cannot be trained, because ${reason}; choose other layers or another loss.`,
  );
}
