import { floatAttribute, stringAttribute } from '../../onnx/graph/attributes.ts';
import type { Emitter } from '../emitter.ts';
import type { GradientContext, GradientEntry, GradientRule } from '../types.ts';
import { affine, unary } from './unary.ts';

/** ∂L/∂y where `condition`, else 0. */
function gate(emit: Emitter, condition: string, dy: string): string {
  return emit.where(condition, dy, emit.scalar(0, emit.dataType(dy)));
}

function positive(emit: Emitter, x: string): string {
  return emit.compare('Greater', x, emit.scalar(0, emit.dataType(x)));
}

/** y = max(x, 0): ∂L/∂x = ∂L/∂y where y > 0, else 0. */
const relu: GradientRule = ({ emit, dy, output }) => [gate(emit, positive(emit, output()), dy)];

/** y = x for x > 0, else αx: ∂L/∂x = ∂L/∂y, times α where x ≤ 0. */
const leakyRelu = unary((emit, x, dy, { node }) =>
  emit.where(positive(emit, x), dy, emit.scale(dy, floatAttribute(node, 'alpha', 0.01))),
);

/** y = x for x > 0, else α(eˣ − 1): ∂L/∂x = ∂L/∂y, times αeˣ = y + α where x ≤ 0. */
const elu: GradientRule = ({ emit, dy, node, input, output }) => {
  const slope = affine(emit, output(), 1, floatAttribute(node, 'alpha', 1));
  return [emit.where(positive(emit, input(0)), dy, emit.mul(dy, slope))];
};

/** y = σ(x): ∂L/∂x = ∂L/∂y ⊙ y(1 − y). */
const sigmoid: GradientRule = ({ emit, dy, output }) => {
  const y = output();
  return [emit.mul(dy, emit.sub(y, emit.mul(y, y)))];
};

/** y = tanh x: ∂L/∂x = ∂L/∂y ⊙ (1 − y²). */
const tanh: GradientRule = ({ emit, dy, output }) => {
  const y = output();
  return [emit.mul(dy, oneMinusSquare(emit, y))];
};

function oneMinusSquare(emit: Emitter, y: string): string {
  return emit.sub(emit.scalar(1, emit.dataType(y)), emit.mul(y, y));
}

/** factor · exp(−x²·rate). */
function bell(emit: Emitter, x: string, factor: number, rate: number): string {
  return emit.scale(emit.unary('Exp', emit.scale(emit.mul(x, x), -rate)), factor);
}

/** y = erf x: ∂L/∂x = ∂L/∂y ⊙ 2/√π·exp(−x²). */
const erf = unary((emit, x, dy) => emit.mul(dy, bell(emit, x, 2 / Math.sqrt(Math.PI), 1)));

/**
 * y = x·Φ(x), or with `approximate="tanh"` y = ½x(1 + tanh u), u = √(2/π)(x + 0.044715x³):
 * ∂L/∂x = ∂L/∂y ⊙ (Φ(x) + x·φ(x)), or ∂L/∂y ⊙ ½(1 + t + x(1 − t²)·u′) with t = tanh u.
 */
const gelu = unary((emit, x, dy, { node }) => {
  const approximate = stringAttribute(node, 'approximate', 'none') === 'tanh';
  return emit.mul(dy, approximate ? geluTanhSlope(emit, x) : geluSlope(emit, x));
});

function geluSlope(emit: Emitter, x: string): string {
  const cumulative = affine(emit, emit.unary('Erf', emit.scale(x, Math.SQRT1_2)), 0.5, 0.5);
  return emit.add(cumulative, emit.mul(x, bell(emit, x, 1 / Math.sqrt(2 * Math.PI), 0.5)));
}

function geluTanhSlope(emit: Emitter, x: string): string {
  const root = Math.sqrt(2 / Math.PI);
  const square = emit.mul(x, x);
  const u = emit.mul(x, affine(emit, square, root * 0.044715, root));
  const t = emit.unary('Tanh', u);
  const inner = emit.mul(x, affine(emit, square, (root * 3 * 0.044715) / 2, root / 2));
  return emit.add(affine(emit, t, 0.5, 0.5), emit.mul(oneMinusSquare(emit, t), inner));
}

/** y = x·σ(αx) (SiLU for α = 1): ∂L/∂x = ∂L/∂y ⊙ (s + αy(1 − s)) with s = σ(αx). */
const swish: GradientRule = ({ emit, dy, node, input, output }) => {
  const alpha = floatAttribute(node, 'alpha', 1);
  const s = emit.unary('Sigmoid', emit.scale(input(0), alpha));
  const rest = emit.sub(emit.scalar(1, emit.dataType(s)), s);
  const slope = emit.add(s, emit.mul(emit.scale(output(), alpha), rest));
  return [emit.mul(dy, slope)];
};

/** y = ln(1 + eˣ): ∂L/∂x = ∂L/∂y ⊙ σ(x). */
const softplus = unary((emit, x, dy) => emit.mul(dy, emit.unary('Sigmoid', x)));

/** y = x/(1 + |x|): ∂L/∂x = ∂L/∂y ⊘ (1 + |x|)². */
const softsign = unary((emit, x, dy) => {
  const below = affine(emit, emit.unary('Abs', x), 1, 1);
  return emit.div(dy, emit.mul(below, below));
});

/** y = x·tanh(softplus x): ∂L/∂x = ∂L/∂y ⊙ (t + x·(1 − t²)·σ(x)) with t = tanh(softplus x). */
const mish = unary((emit, x, dy) => {
  const t = emit.unary('Tanh', emit.unary('Softplus', x));
  const slope = emit.mul(oneMinusSquare(emit, t), emit.unary('Sigmoid', x));
  return emit.mul(dy, emit.add(t, emit.mul(x, slope)));
});

/** y = max(0, min(1, αx + β)): ∂L/∂x = α·∂L/∂y where 0 < y < 1, else 0. */
const hardSigmoid: GradientRule = ({ emit, dy, node, output }) => {
  const alpha = floatAttribute(node, 'alpha', 0.2);
  return [between(emit, output(), 0, 1, emit.scale(dy, alpha))];
};

function between(emit: Emitter, y: string, low: number, high: number, inside: string): string {
  const under = gate(emit, emit.compare('Less', y, emit.scalar(high, emit.dataType(y))), inside);
  return gate(emit, emit.compare('Greater', y, emit.scalar(low, emit.dataType(y))), under);
}

/** y = x·max(0, min(1, x/6 + ½)): ∂L/∂x = ∂L/∂y ⊙ (0 for x ≤ −3, 1 for x ≥ 3, else x/3 + ½). */
const hardSwish = unary((emit, x, dy) => {
  const type = emit.dataType(x);
  const ramp = emit.mul(dy, affine(emit, x, 1 / 3, 0.5));
  const under = emit.where(emit.compare('Less', x, emit.scalar(3, type)), ramp, dy);
  return gate(emit, emit.compare('Greater', x, emit.scalar(-3, type)), under);
});

/** y = x for x > 0, else a·x: ∂L/∂x = ∂L/∂y, times a where x ≤ 0; ∂L/∂a = ∂L/∂y ⊙ min(x, 0), summed. */
function prelu({ emit, dy, input, dims, wants }: GradientContext): (string | undefined)[] {
  const [x, slope] = [input(0), input(1)];
  const above = positive(emit, x);
  const zero = emit.scalar(0, emit.dataType(dy));
  return [
    wants(0) ? emit.where(above, dy, emit.mul(dy, slope)) : undefined,
    wants(1) ? emit.sumTo(emit.where(above, zero, emit.mul(dy, x)), dims(1)) : undefined,
  ];
}

export const activationRules: readonly GradientEntry[] = [
  { operators: ['Relu'], rule: relu, equation: '∂L/∂x = ∂L/∂y where y > 0' },
  { operators: ['LeakyRelu'], rule: leakyRelu, equation: '∂L/∂x = ∂L/∂y, ·α where x ≤ 0' },
  {
    operators: ['PRelu'],
    rule: prelu,
    equation: '∂L/∂x = ∂L/∂y, ·a where x ≤ 0; ∂L/∂a = ∂L/∂y ⊙ min(x, 0)',
  },
  { operators: ['Elu'], rule: elu, equation: '∂L/∂x = ∂L/∂y, ·(y + α) where x ≤ 0' },
  { operators: ['Sigmoid'], rule: sigmoid, equation: '∂L/∂x = ∂L/∂y ⊙ y(1 − y)' },
  { operators: ['Tanh'], rule: tanh, equation: '∂L/∂x = ∂L/∂y ⊙ (1 − y²)' },
  { operators: ['Erf'], rule: erf, equation: '∂L/∂x = ∂L/∂y ⊙ 2/√π·exp(−x²)' },
  { operators: ['Gelu'], rule: gelu, equation: '∂L/∂x = ∂L/∂y ⊙ (Φ(x) + x·φ(x))' },
  { operators: ['Swish'], rule: swish, equation: '∂L/∂x = ∂L/∂y ⊙ (s + αy(1 − s)), s = σ(αx)' },
  { operators: ['Softplus'], rule: softplus, equation: '∂L/∂x = ∂L/∂y ⊙ σ(x)' },
  { operators: ['Softsign'], rule: softsign, equation: '∂L/∂x = ∂L/∂y ⊘ (1 + abs x)²' },
  {
    operators: ['Mish'],
    rule: mish,
    equation: '∂L/∂x = ∂L/∂y ⊙ (t + x(1 − t²)σ(x)), t = tanh(softplus x)',
  },
  { operators: ['HardSigmoid'], rule: hardSigmoid, equation: '∂L/∂x = α·∂L/∂y where 0 < y < 1' },
  {
    operators: ['HardSwish'],
    rule: hardSwish,
    equation: '∂L/∂x = ∂L/∂y ⊙ (x/3 + ½) where −3 < x < 3, ∂L/∂y above',
  },
];
