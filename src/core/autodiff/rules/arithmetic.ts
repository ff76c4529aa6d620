import type { GradientContext, GradientEntry } from '../types.ts';

/** y = a + b: ∂L/∂a = ∂L/∂b = ∂L/∂y, summed over what was broadcast. */
function add({ emit, dy, dims, wants }: GradientContext): (string | undefined)[] {
  return [0, 1].map((i) => (wants(i) ? emit.sumTo(dy, dims(i)) : undefined));
}

/** y = a − b: ∂L/∂a = ∂L/∂y, ∂L/∂b = −∂L/∂y. */
function sub({ emit, dy, dims, wants }: GradientContext): (string | undefined)[] {
  return [
    wants(0) ? emit.sumTo(dy, dims(0)) : undefined,
    wants(1) ? emit.neg(emit.sumTo(dy, dims(1))) : undefined,
  ];
}

/** y = a ⊙ b: ∂L/∂a = ∂L/∂y ⊙ b, ∂L/∂b = ∂L/∂y ⊙ a. */
function mul({ emit, dy, input, dims, wants }: GradientContext): (string | undefined)[] {
  return [0, 1].map((i) =>
    wants(i) ? emit.sumTo(emit.mul(dy, input(1 - i)), dims(i)) : undefined,
  );
}

/** y = a ⊘ b: ∂L/∂a = ∂L/∂y ⊘ b, ∂L/∂b = −∂L/∂y ⊙ y ⊘ b. */
function div(context: GradientContext): (string | undefined)[] {
  const { emit, dy, input, output, dims, wants } = context;
  const quotient = emit.div(dy, input(1));
  return [
    wants(0) ? emit.sumTo(quotient, dims(0)) : undefined,
    wants(1) ? emit.neg(emit.sumTo(emit.mul(quotient, output()), dims(1))) : undefined,
  ];
}

export const arithmeticRules: readonly GradientEntry[] = [
  { operators: ['Add'], rule: add, equation: '∂L/∂a = ∂L/∂b = ∂L/∂y' },
  { operators: ['Sub'], rule: sub, equation: '∂L/∂a = ∂L/∂y, ∂L/∂b = −∂L/∂y' },
  { operators: ['Mul'], rule: mul, equation: '∂L/∂a = ∂L/∂y ⊙ b, ∂L/∂b = ∂L/∂y ⊙ a' },
  { operators: ['Div'], rule: div, equation: '∂L/∂a = ∂L/∂y ⊘ b, ∂L/∂b = −∂L/∂y ⊙ y ⊘ b' },
];
