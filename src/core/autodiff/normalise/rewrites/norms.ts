import { floatAttribute } from '../../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../../onnx/operators/entry.ts';
import type { Emitter } from '../../emitter.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';

/** LayerNormalization over the last axis; '' for no shift. */
export function layerNorm(
  emit: Emitter,
  x: string,
  gamma: string,
  beta: string,
  epsilon: number,
): string {
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  const inputs = beta === '' ? [x, gamma] : [x, gamma, beta];
  return emit.op('LayerNormalization', inputs, emit.dims(x), { attributes });
}

/** x/√(mean(x²) + ε)·γ over the last axis, in onnxruntime's operator of that name. */
function rmsNorm(emit: Emitter, x: string, gamma: string, epsilon: number): string {
  const attributes = { axis: -1, epsilon: { float: epsilon }, stash_type: 1 };
  return emit.op('SimplifiedLayerNormalization', [x, gamma], emit.dims(x), { attributes });
}

/** com.microsoft's own default. */
const EPSILON = 1e-12;

/** s = x + skip (+ bias); outputs norm(s), mean, 1/σ, s. */
function skipNorm(context: RewriteContext, biasInput: number, norm: (sum: string) => string) {
  const { emit, input, has, wants, refuse } = context;
  if (wants(1) || wants(2)) {
    throw refuse('hands out its mean or deviation, which training does not; export it unfused');
  }
  const sum = emit.add(input(0), input(1));
  const total = has(biasInput) ? emit.add(sum, input(biasInput)) : sum;
  return [norm(total), undefined, undefined, total];
}

/** SkipLayerNormalization: x, skip, γ, β?, bias?. */
function skipLayerNorm(context: RewriteContext) {
  const { node, emit, input } = context;
  const epsilon = floatAttribute(node, 'epsilon', EPSILON);
  return skipNorm(context, 4, (sum) => layerNorm(emit, sum, input(2), input(3), epsilon));
}

/** SkipSimplifiedLayerNormalization: x, skip, γ, bias?. */
function skipRmsNorm(context: RewriteContext) {
  const { node, emit, input } = context;
  const epsilon = floatAttribute(node, 'epsilon', EPSILON);
  return skipNorm(context, 3, (sum) => rmsNorm(emit, sum, input(2), epsilon));
}

export const normRewrites: readonly RewriteEntry[] = [
  { operators: ['SkipLayerNormalization'], domain: MICROSOFT, rewrite: skipLayerNorm },
  { operators: ['SkipSimplifiedLayerNormalization'], domain: MICROSOFT, rewrite: skipRmsNorm },
];
