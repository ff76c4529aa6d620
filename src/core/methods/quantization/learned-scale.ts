import type { Emitter } from '../../autodiff/emitter.ts';
import { fromFloat32, toFloat32 } from '../../tensor/convert.ts';
import { DataType } from '../../tensor/data-type.ts';

/**
 * How scales train: s = s₀·e^{κu}, u from 0. WHY: Adam takes the size of a gradient out, and with it the factor
 * 1/√(N·Q) of LSQ; moving the logarithm lets each scale change by the same share of itself in a step, however small
 * it is, at a rate of its own, and never through zero.
 */
export interface LearnedScale {
  /** Values s₀ and u of as many numbers, float32. */
  readonly start: string;
  readonly growth: string;
  /** κ: u moves by about the learning rate η in a step, s by κη of itself. */
  readonly pace: number;
  /** What the file stores: halves are rounded in the graph as well. */
  readonly dataType: number;
}

/** s, float32, in the sizes of s₀. */
export function grownScale(emit: Emitter, { start, growth, pace, dataType }: LearnedScale): string {
  const grown = emit.mul(start, emit.unary('Exp', emit.scale(growth, pace)));
  if (dataType === DataType.float32) return grown;
  return emit.cast(emit.cast(grown, dataType), DataType.float32);
}

const f = Math.fround;

/** s as {@link grownScale} computes it, operation by operation, as the file stores it. */
export function grownValues(
  first: Float32Array,
  u: Float32Array,
  { pace, dataType }: Pick<LearnedScale, 'pace' | 'dataType'>,
): Float32Array {
  const grown = first.map((s, g) => f(s * f(Math.exp(f(u[g] * f(pace))))));
  if (dataType === DataType.float32) return grown;
  return toFloat32(dataType, fromFloat32(dataType, grown, true), grown.length);
}
