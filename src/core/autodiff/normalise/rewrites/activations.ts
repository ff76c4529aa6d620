import { floatAttribute } from '../../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../../onnx/operators/entry.ts';
import type { Emitter } from '../../emitter.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';

/** The first operator set with Gelu. */
const GELU_SINCE = 20;

/** Gelu(x) = x·½(1 + erf(x/√2)). */
function gelu({ emit, target }: RewriteContext, x: string): string {
  if (target >= GELU_SINCE) return emit.unary('Gelu', x);
  const erf = emit.unary('Erf', emit.scale(x, Math.SQRT1_2));
  const onePlus = emit.add(erf, emit.scalar(1, emit.dataType(x)));
  return emit.mul(emit.scale(x, 0.5), onePlus);
}

/** Gelu(x) ≈ ½x(1 + tanh(√(2/π)(x + 0.044715x³))) = ½x(1 + tanh(x(c₁ + c₂x²))). */
function geluTanh({ emit, target }: RewriteContext, x: string): string {
  if (target >= GELU_SINCE) return emit.unary('Gelu', x, { approximate: 'tanh' });
  const slope = Math.sqrt(2 / Math.PI);
  const one = emit.scalar(1, emit.dataType(x));
  const cubic = emit.scale(emit.mul(x, x), 0.044715 * slope);
  const inner = emit.mul(x, emit.add(cubic, emit.scalar(slope, emit.dataType(x))));
  return emit.mul(emit.scale(x, 0.5), emit.add(emit.unary('Tanh', inner), one));
}

/** x·σ(αx). */
function swish(emit: Emitter, x: string, alpha: number): string {
  return emit.mul(x, emit.unary('Sigmoid', emit.scale(x, alpha)));
}

/** x, with the bias where there is one. */
function biased({ emit, input, has }: RewriteContext): string {
  return has(1) ? emit.add(input(0), input(1)) : input(0);
}

/** QuickGelu (α = 1.702) and Swish (α = 1): x·σ(αx). */
function sigmoidal(fallback: number) {
  return ({ node, emit, input }: RewriteContext) => [
    swish(emit, input(0), floatAttribute(node, 'alpha', fallback)),
  ];
}

/** x·max(0, min(1, x/6 + ½)). */
function hardSwish({ emit, input }: RewriteContext) {
  return [emit.mul(input(0), ramp(emit, input(0), 1 / 6, 0.5))];
}

function clipped(emit: Emitter, x: string, low: number, high: number): string {
  const type = emit.dataType(x);
  return emit.op('Clip', [x, emit.scalar(low, type), emit.scalar(high, type)], emit.dims(x));
}

/** x·tanh(ln(1 + eˣ)). */
function mish({ emit, input }: RewriteContext) {
  return [emit.mul(input(0), emit.unary('Tanh', emit.unary('Softplus', input(0))))];
}

/** max(0, min(1, αx + β)). */
function hardSigmoid({ node, emit, input }: RewriteContext) {
  const [alpha, beta] = [floatAttribute(node, 'alpha', 0.2), floatAttribute(node, 'beta', 0.5)];
  return [ramp(emit, input(0), alpha, beta)];
}

function ramp(emit: Emitter, x: string, alpha: number, beta: number): string {
  const line = emit.add(emit.scale(x, alpha), emit.scalar(beta, emit.dataType(x)));
  return clipped(emit, line, 0, 1);
}

/** max(x, 0) + α·min(x, 0). */
function leaky(emit: Emitter, x: string, alpha: number): string {
  return emit.sub(emit.unary('Relu', x), emit.scale(emit.unary('Relu', emit.neg(x)), alpha));
}

function leakyRelu({ node, emit, input }: RewriteContext) {
  return [leaky(emit, input(0), floatAttribute(node, 'alpha', 0.01))];
}

/**
 * The activation inside a fused operator, by its name and parameters (onnxruntime's FusedConv and
 * FusedGemm). Throws `cannot-normalise` for one that is not known.
 */
export function activated(
  { emit, refuse }: RewriteContext,
  x: string,
  name: string,
  parameters: readonly number[],
): string {
  const [first = 0, second = 0] = parameters;
  if (name === '') return x;
  if (['Relu', 'Tanh', 'Sigmoid', 'Softplus'].includes(name)) return emit.unary(name, x);
  if (name === 'LeakyRelu') return leaky(emit, x, first);
  if (name === 'Clip') return clipped(emit, x, first, second);
  if (name === 'HardSigmoid') return ramp(emit, x, first, second);
  throw refuse(`holds the activation "${name}", which is not known here; export the model unfused`);
}

export const activationRewrites: readonly RewriteEntry[] = [
  { operators: ['Gelu', 'BiasGelu'], domain: MICROSOFT, rewrite: (c) => [gelu(c, biased(c))] },
  { operators: ['FastGelu'], domain: MICROSOFT, rewrite: (c) => [geluTanh(c, biased(c))] },
  { operators: ['QuickGelu'], domain: MICROSOFT, rewrite: sigmoidal(1.702) },
  { operators: ['Swish'], rewrite: sigmoidal(1) },
  { operators: ['HardSwish'], rewrite: hardSwish },
  { operators: ['HardSigmoid'], rewrite: hardSigmoid },
  { operators: ['LeakyRelu'], rewrite: leakyRelu },
  { operators: ['Mish'], rewrite: mish },
];
