import { intAttribute } from '../../../onnx/graph/attributes.ts';
import { product, resolveAxis } from '../../dims.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';

/** From this version on the operator works along one axis. */
const ONE_AXIS_SINCE = 13;

/**
 * Softmax and LogSoftmax before version 13 flatten everything from `axis` (1 by default) on
 * into one axis and work along it.
 */
function coerced({ node, opset, emit, input, dims }: RewriteContext) {
  if (opset >= ONE_AXIS_SINCE) return undefined;
  const [x, size] = [input(0), dims(0)];
  const axis = resolveAxis(intAttribute(node, 'axis', 1), size.length);
  const lead = product(size.slice(0, axis));
  const flat = axis === size.length - 1 ? x : emit.reshape(x, [lead, product(size.slice(axis))]);
  return [emit.reshape(emit.unary(node.opType, flat, { axis: -1 }), size)];
}

export const softmaxRewrites: readonly RewriteEntry[] = [
  { operators: ['Softmax', 'LogSoftmax'], rewrite: coerced },
];
