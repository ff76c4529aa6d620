import type { Emitter } from '../autodiff/emitter.ts';
import { DataType } from '../tensor/data-type.ts';
import type { ParameterLayout } from './parameters.ts';
import { VALUES } from './value-names.ts';

/** Values that stand for the trained initializers, cut out of θ: emitted value → initializer's name. */
export function unflattened(emit: Emitter, layout: ParameterLayout): ReadonlyMap<string, string> {
  const made = new Map<string, string>();
  for (const { name, dims, offset, size } of layout.parameters) {
    const piece = emit.slice(VALUES.theta, 0, offset, offset + size);
    const shaped = dims.length === 1 ? piece : emit.reshape(piece, dims);
    made.set(emit.cast(shaped, emit.dataType(name)), name);
  }
  return made;
}

/** ∂L/∂θ [P] from the gradients of its parts; parts no loss depends on get zeros. */
export function flattened(
  emit: Emitter,
  layout: ParameterLayout,
  gradients: ReadonlyMap<string, string>,
): string {
  const parts = layout.parameters.map(({ name, size }) => {
    const gradient = gradients.get(name);
    if (gradient === undefined) return emit.expand(emit.scalar(0), [size]);
    return emit.reshape(emit.cast(gradient, DataType.float32), [size]);
  });
  return emit.concat(parts, 0);
}

/**
 * ∂L/∂θ with zeros where a matrix entry is exactly zero. AdamW then leaves it there: its moments stay
 * zero, and decay multiplies.
 */
export function maskedByZeros(
  emit: Emitter,
  { size, decayed }: ParameterLayout,
  gradient: string,
): string {
  if (decayed === 0) return gradient;
  const part = (value: string): string => emit.slice(value, 0, 0, decayed);
  const zero = emit.compare('Equal', part(VALUES.theta), emit.scalar(0));
  const matrices = emit.where(zero, emit.scalar(0), part(gradient));
  if (decayed === size) return matrices;
  return emit.concat([matrices, emit.slice(gradient, 0, decayed, size)], 0);
}
