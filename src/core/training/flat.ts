import type { Emitter } from '../autodiff/emitter.ts';
import { DataType } from '../tensor/data-type.ts';
import { maskedTheta, type MaskedPart } from './masking.ts';
import type { ParameterLayout } from './parameters.ts';
import { VALUES } from './value-names.ts';

/** Values that stand for the trained initializers, cut out of θ (of θ∘M where masked): emitted value → initializer's name. */
export function unflattened(
  emit: Emitter,
  layout: ParameterLayout,
  masked?: MaskedPart,
): ReadonlyMap<string, string> {
  const made = new Map<string, string>();
  const kept = masked && maskedTheta(emit, masked, layout.size);
  for (const { name, dims, offset, size } of layout.parameters) {
    const under = masked !== undefined && offset < masked.size ? kept : undefined;
    const piece = emit.slice(under ?? VALUES.theta, 0, offset, offset + size);
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
 * ∂L/∂θ with zeros where an entry of a matrix (of all, or of those named) is exactly zero. AdamW then leaves it there:
 * its moments stay zero, and decay multiplies.
 */
export function maskedByZeros(
  emit: Emitter,
  layout: ParameterLayout,
  gradient: string,
  of: true | ReadonlySet<string>,
): string {
  const pieces = runsOf(layout, of).map(({ from, end, masked }) => {
    const whole = from === 0 && end === layout.size;
    const part = (value: string): string => (whole ? value : emit.slice(value, 0, from, end));
    if (!masked) return part(gradient);
    const zero = emit.compare('Equal', part(VALUES.theta), emit.scalar(0));
    return emit.where(zero, emit.scalar(0), part(gradient));
  });
  return pieces.length === 1 ? pieces[0] : emit.concat(pieces, 0);
}

interface Run {
  readonly from: number;
  readonly end: number;
  readonly masked: boolean;
}

/** θ in as few pieces as possible, each with or without a mask. */
function runsOf({ parameters }: ParameterLayout, of: true | ReadonlySet<string>): readonly Run[] {
  const runs: Run[] = [];
  for (const { name, dims, offset, size } of parameters) {
    const masked = dims.length >= 2 && (of === true || of.has(name));
    const last = runs.at(-1);
    const joins = last?.masked === masked;
    const from = joins ? last.from : offset;
    if (joins) runs.pop();
    runs.push({ from, end: offset + size, masked });
  }
  return runs;
}
