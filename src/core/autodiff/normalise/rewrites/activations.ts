import { floatAttribute } from '../../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../../onnx/operators/entry.ts';
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

/** x·σ(αx), α = 1.702 unless given. */
function quickGelu({ node, emit, input }: RewriteContext): string[] {
  const alpha = floatAttribute(node, 'alpha', 1.702);
  return [emit.mul(input(0), emit.unary('Sigmoid', emit.scale(input(0), alpha)))];
}

/** x, with the bias where there is one. */
function biased({ emit, input, has }: RewriteContext): string {
  return has(1) ? emit.add(input(0), input(1)) : input(0);
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
  const alpha = { float: first };
  if (name === '') return x;
  if (['Relu', 'Tanh', 'Sigmoid', 'Softplus'].includes(name)) return emit.unary(name, x);
  if (name === 'LeakyRelu') return emit.unary(name, x, { alpha });
  if (name === 'HardSigmoid') return emit.unary(name, x, { alpha, beta: { float: second } });
  if (name === 'Clip') {
    const bounds = [first, second].map((bound) => emit.scalar(bound, emit.dataType(x)));
    return emit.op('Clip', [x, ...bounds], emit.dims(x));
  }
  throw refuse(`holds the activation "${name}", which is not known here; export the model unfused`);
}

export const activationRewrites: readonly RewriteEntry[] = [
  { operators: ['Gelu', 'BiasGelu'], domain: MICROSOFT, rewrite: (c) => [gelu(c, biased(c))] },
  { operators: ['FastGelu'], domain: MICROSOFT, rewrite: (c) => [geluTanh(c, biased(c))] },
  { operators: ['QuickGelu'], domain: MICROSOFT, rewrite: quickGelu },
];
