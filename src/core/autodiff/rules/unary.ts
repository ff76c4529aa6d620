import type { Emitter } from '../emitter.ts';
import type { GradientContext, GradientRule } from '../types.ts';

/** A rule for y = f(x) that is told x and ∂L/∂y. */
export function unary(
  gradient: (emit: Emitter, x: string, dy: string, context: GradientContext) => string,
): GradientRule {
  return (context) => [gradient(context.emit, context.input(0), context.dy, context)];
}

/** factor · x + constant. */
export function affine(emit: Emitter, x: string, factor: number, constant: number): string {
  return emit.add(emit.scale(x, factor), emit.scalar(constant, emit.dataType(x)));
}
