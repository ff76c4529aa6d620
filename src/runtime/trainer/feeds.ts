import { VALUES } from '../../core/training/value-names.ts';
import type { AdamWOptions } from '../../core/training/adamw.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';

/** η, 1 − β₁ᵗ and 1 − β₂ᵗ for step t = 1, 2, … */
export function optimiserScalars(
  t: number,
  learningRate: number,
  { beta1, beta2 }: AdamWOptions,
): Record<string, Value> {
  return {
    [VALUES.learningRate]: scalar(learningRate),
    [VALUES.correction1]: scalar(1 - beta1 ** t),
    [VALUES.correction2]: scalar(1 - beta2 ** t),
  };
}

/** A float32 scalar. */
export function scalar(value: number): Value {
  return { dataType: DataType.float32, dims: [], data: Float32Array.of(value) };
}

/** A float32 vector, its memory shared. */
export function vector(data: Float32Array): Value {
  return { dataType: DataType.float32, dims: [data.length], data };
}
