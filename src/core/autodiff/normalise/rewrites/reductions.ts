import { intAttribute, intsAttribute } from '../../../onnx/graph/attributes.ts';
import { resolveAxis } from '../../dims.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';

/** Axes of a reduction, wherever its version holds them; undefined when only a run would tell. */
function axesOf({ node, dims, has, numbers }: RewriteContext): readonly number[] | undefined {
  const rank = dims(0).length;
  const given = has(1) ? numbers(1) : intsAttribute(node, 'axes', []);
  if (given === undefined || given.length > 0) {
    return given?.map((axis) => resolveAxis(axis, rank));
  }
  const nothing = intAttribute(node, 'noop_with_empty_axes', 0) === 1;
  return nothing ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** ReduceSum, ReduceMean, ReduceMax …: axes as an input, each named. */
function reduced(context: RewriteContext) {
  const { node, emit, input } = context;
  const axes = axesOf(context);
  const keepdims = intAttribute(node, 'keepdims', 1) === 1;
  return axes && [emit.reduce(node.opType, input(0), axes, keepdims)];
}

const KINDS = 'Sum Mean Max Min L1 L2 SumSquare LogSum LogSumExp';

export const reductionRewrites: readonly RewriteEntry[] = [
  { operators: KINDS.split(' ').map((kind) => `Reduce${kind}`), rewrite: reduced },
];
