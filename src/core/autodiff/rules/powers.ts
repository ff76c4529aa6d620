import type { GradientContext, GradientEntry, GradientRule } from '../types.ts';
import { unary } from './unary.ts';

/** y = √x: ∂L/∂x = ½·∂L/∂y ⊘ y. */
const sqrt: GradientRule = ({ emit, dy, output }) => [emit.div(emit.scale(dy, 0.5), output())];

/** y = eˣ: ∂L/∂x = ∂L/∂y ⊙ y. */
const exp: GradientRule = ({ emit, dy, output }) => [emit.mul(dy, output())];

/** y = ln x: ∂L/∂x = ∂L/∂y ⊘ x. */
const log: GradientRule = ({ emit, dy, input }) => [emit.div(dy, input(0))];

/** y = 1/x: ∂L/∂x = −∂L/∂y ⊙ y². */
const reciprocal: GradientRule = ({ emit, dy, output }) => [
  emit.neg(emit.mul(dy, emit.mul(output(), output()))),
];

/** y = −x: ∂L/∂x = −∂L/∂y. */
const neg: GradientRule = ({ emit, dy }) => [emit.neg(dy)];

/** y = |x|: ∂L/∂x = sign(x) ⊙ ∂L/∂y, zero at zero; written without Sign, which leaves the GPU. */
const abs = unary((emit, x, dy) => {
  const zero = emit.scalar(0, emit.dataType(x));
  const below = emit.where(emit.compare('Less', x, zero), emit.neg(dy), zero);
  return emit.where(emit.compare('Greater', x, zero), dy, below);
});

/** y = sin x: ∂L/∂x = ∂L/∂y ⊙ cos x. */
const sin = unary((emit, x, dy) => emit.mul(dy, emit.unary('Cos', x)));

/** y = cos x: ∂L/∂x = −∂L/∂y ⊙ sin x. */
const cos = unary((emit, x, dy) => emit.neg(emit.mul(dy, emit.unary('Sin', x))));

/**
 * y = aᵇ: ∂L/∂a = ∂L/∂y ⊙ b·aᵇ⁻¹, zero where b = 0; ∂L/∂b = ∂L/∂y ⊙ y·ln a, zero where y = 0.
 * Constant single exponents are written with as few products as they need.
 */
function pow(context: GradientContext): (string | undefined)[] {
  const { emit, input, dims, wants } = context;
  const known = emit.constant(input(1));
  const exponent = known?.data.length === 1 ? Number(known.data[0]) : undefined;
  const base = exponent === undefined ? generalBase(context) : constantBase(context, exponent);
  return [
    wants(0) ? emit.sumTo(base(), dims(0)) : undefined,
    wants(1) ? emit.sumTo(exponentGradient(context), dims(1)) : undefined,
  ];
}

function constantBase({ emit, dy, input, output }: GradientContext, b: number): () => string {
  const a = input(0);
  return () => {
    if (b === 0) return emit.expand(emit.scalar(0, emit.dataType(dy)), emit.dims(dy));
    const scaled = emit.scale(dy, b);
    if (b === 1) return scaled;
    if (b === 2) return emit.mul(scaled, a);
    if (b === 3) return emit.mul(scaled, emit.mul(a, a));
    if (b === 0.5) return emit.div(scaled, output());
    const power = emit.binary('Pow', a, emit.scalar(b - 1, emit.dataType(a)));
    return emit.mul(scaled, power);
  };
}

function generalBase({ emit, dy, input }: GradientContext): () => string {
  return () => {
    const a = input(0);
    const b = emit.cast(input(1), emit.dataType(a));
    const zero = emit.scalar(0, emit.dataType(a));
    const less = emit.binary('Sub', b, emit.scalar(1, emit.dataType(a)));
    const slope = emit.mul(b, emit.binary('Pow', a, less));
    return emit.mul(dy, emit.where(emit.compare('Equal', b, zero), zero, slope));
  };
}

function exponentGradient({ emit, dy, input, output }: GradientContext): string {
  const zero = emit.scalar(0, emit.dataType(dy));
  const y = output();
  const slope = emit.mul(y, emit.unary('Log', input(0)));
  return emit.mul(dy, emit.where(emit.compare('Equal', y, zero), zero, slope));
}

export const powerRules: readonly GradientEntry[] = [
  { operators: ['Pow'], rule: pow, equation: '∂L/∂a = ∂L/∂y ⊙ b·aᵇ⁻¹, ∂L/∂b = ∂L/∂y ⊙ y·ln a' },
  { operators: ['Sqrt'], rule: sqrt, equation: '∂L/∂x = ½·∂L/∂y ⊘ y' },
  { operators: ['Exp'], rule: exp, equation: '∂L/∂x = ∂L/∂y ⊙ y' },
  { operators: ['Log'], rule: log, equation: '∂L/∂x = ∂L/∂y ⊘ x' },
  { operators: ['Reciprocal'], rule: reciprocal, equation: '∂L/∂x = −∂L/∂y ⊙ y²' },
  { operators: ['Neg'], rule: neg, equation: '∂L/∂x = −∂L/∂y' },
  { operators: ['Abs'], rule: abs, equation: '∂L/∂x = sign(x) ⊙ ∂L/∂y' },
  { operators: ['Sin'], rule: sin, equation: '∂L/∂x = ∂L/∂y ⊙ cos x' },
  { operators: ['Cos'], rule: cos, equation: '∂L/∂x = −∂L/∂y ⊙ sin x' },
];
