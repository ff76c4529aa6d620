import type { Emitter } from '../autodiff/emitter.ts';
import { makeValueInfo } from '../onnx/graph/make.ts';
import type { ValueInfo } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import type { ParameterLayout } from './parameters.ts';
import { VALUES } from './value-names.ts';

/**
 * Matrices W of which only W∘M takes part in the model. The mask M [Q] lies beside θ and is held still by the steps; who
 * trains recomputes it between them. ∂L/∂W = ∂L/∂(W∘M)∘M: what is masked keeps its value, and may come back.
 */
export interface MaskedPart {
  /** Q: the first elements of θ. */
  readonly size: number;
  /** Movement scores S [Q] are accumulated, of masked entries too (straight through the mask). */
  readonly scores: boolean;
}

/** Which matrices, by name, and whether they are scored. */
export interface Masked {
  readonly names: readonly string[];
  readonly scores: boolean;
}

/** The part of θ that the named matrices are. They have to come first: `layOutParameters` puts them so when named so. */
export function maskedPart(
  { parameters }: ParameterLayout,
  { names, scores }: Masked,
): MaskedPart | undefined {
  const masked = new Set(names);
  const chosen = parameters.filter(({ name }) => masked.has(name));
  const size = chosen.reduce((sum, parameter) => sum + parameter.size, 0);
  if (chosen.some(({ offset }) => offset >= size)) throw new Error('Masked matrices come first.');
  return size === 0 ? undefined : { size, scores };
}

/** M and S as a run begins: everything takes part, nothing has moved. By the name of their graph input. */
export function initialMasking(
  masked: MaskedPart | undefined,
): Readonly<Record<string, Float32Array>> {
  if (masked === undefined) return {};
  return {
    [VALUES.mask]: new Float32Array(masked.size).fill(1),
    ...(masked.scores && { [VALUES.scores]: new Float32Array(masked.size) }),
  };
}

/** Makes the mask known to an emitter, where there is one. */
export function declareMask(emit: Emitter, masked: MaskedPart | undefined): void {
  if (masked !== undefined) declare(emit, VALUES.mask, masked);
}

/** Graph inputs of a forward pass. */
export function maskInputs(masked: MaskedPart | undefined): readonly ValueInfo[] {
  return masked === undefined ? [] : [input(VALUES.mask, masked)];
}

/** Graph inputs of an update. */
export function maskingInputs(masked: MaskedPart | undefined): readonly ValueInfo[] {
  return masked?.scores === true
    ? [...maskInputs(masked), input(VALUES.scores, masked)]
    : maskInputs(masked);
}

/** ∂L/∂θ from ∂L/∂(θ∘M): zero where the mask is. */
export function maskedGradient(
  emit: Emitter,
  gradient: string,
  { size }: MaskedPart,
  whole: number,
): string {
  const own = emit.mul(firstOf(emit, gradient, size, whole), VALUES.mask);
  return size === whole ? own : emit.concat([own, emit.slice(gradient, 0, size, whole)], 0);
}

/**
 * S ← S − η·W∘∂L/∂(W∘M): positive for weights that move away from zero, masked or not. The gradient is taken as it
 * comes (not clipped), that of S·L divided by the loss scale.
 * @see Sanh, Wolf, Rush 2020, arXiv:2005.07683, §3
 */
export function movedScores(
  emit: Emitter,
  gradient: string,
  masked: MaskedPart,
  whole: number,
  lossScale: string | undefined,
): string {
  const scores = declare(emit, VALUES.scores, masked);
  const part = (value: string): string => firstOf(emit, value, masked.size, whole);
  const rate =
    lossScale === undefined ? VALUES.learningRate : emit.div(VALUES.learningRate, lossScale);
  const moved = emit.mul(part(VALUES.theta), part(gradient));
  return emit.sub(scores, emit.mul(moved, rate));
}

/** θ∘M of the masked part. */
export function maskedTheta(emit: Emitter, { size }: MaskedPart, whole: number): string {
  return emit.mul(firstOf(emit, VALUES.theta, size, whole), VALUES.mask);
}

/** The model's numbers: θ with zeros where the mask has them. */
export function underMask(theta: Float32Array, mask: Float32Array | undefined): Float32Array {
  if (mask === undefined) return theta;
  const out = theta.slice();
  for (let i = 0; i < mask.length; i++) if (mask[i] === 0) out[i] = 0;
  return out;
}

function firstOf(emit: Emitter, value: string, size: number, whole: number): string {
  return size === whole ? value : emit.slice(value, 0, 0, size);
}

function input(name: string, { size }: MaskedPart): ValueInfo {
  return makeValueInfo(name, DataType.float32, [size]);
}

function declare(emit: Emitter, name: string, { size }: MaskedPart): string {
  return emit.declare(name, { dataType: DataType.float32, dims: [size] });
}
