import type { Emitter } from '../../autodiff/emitter.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Loss } from './types.ts';

/** Mean squared error of two values of one size: L = mean((a − b)²). */
export function meanSquaredError(a: string, b: string): Loss {
  return (emit) => {
    const difference = emit.sub(asFloat(emit, a), asFloat(emit, b));
    return { value: meanOf(emit, emit.mul(difference, difference)) };
  };
}

/**
 * Cosine distance along the last axis, mean over the rest: L = mean(1 − a·b/(‖a‖‖b‖ + ε)), ε = 10⁻⁸.
 * @see Sanh et al. 2019, arXiv:1910.01108
 */
export function cosineDistance(a: string, b: string): Loss {
  return (emit) => {
    const [x, y] = [asFloat(emit, a), asFloat(emit, b)];
    const dot = dotLast(emit, x, y);
    const lengths = emit.mul(lengthLast(emit, x), lengthLast(emit, y));
    const cosine = emit.div(dot, emit.add(lengths, emit.scalar(1e-8)));
    return { value: meanOf(emit, emit.sub(emit.scalar(1), cosine)) };
  };
}

/** Mean of all elements: a scalar. */
export function meanOf(emit: Emitter, x: string): string {
  const axes = emit.dims(x).map((_, axis) => axis);
  return axes.length === 0 ? x : emit.reduce('ReduceMean', x, axes, false);
}

/** Losses are computed in float32 whatever the model computes in. */
function asFloat(emit: Emitter, x: string): string {
  return emit.cast(x, DataType.float32);
}

function dotLast(emit: Emitter, a: string, b: string): string {
  return emit.reduceSum(emit.mul(a, b), [-1]);
}

function lengthLast(emit: Emitter, x: string): string {
  return emit.unary('Sqrt', emit.add(dotLast(emit, x, x), emit.scalar(1e-12)));
}
