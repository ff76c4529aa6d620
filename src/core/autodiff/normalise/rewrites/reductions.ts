import { intAttribute, intsAttribute } from '../../../onnx/graph/attributes.ts';
import { resolveAxis } from '../../dims.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';

interface Reduction {
  readonly axes: readonly number[];
  readonly keepdims: boolean;
}

/** Axes of a reduction, wherever its version holds them; undefined when only a run would tell. */
function reductionOf({ node, dims, has, numbers }: RewriteContext): Reduction | undefined {
  const keepdims = intAttribute(node, 'keepdims', 1) === 1;
  const rank = dims(0).length;
  const given = has(1) ? numbers(1) : intsAttribute(node, 'axes', []);
  if (given === undefined) return undefined;
  if (given.length > 0) return { axes: given.map((axis) => resolveAxis(axis, rank)), keepdims };
  const nothing = intAttribute(node, 'noop_with_empty_axes', 0) === 1;
  return { axes: nothing ? [] : Array.from({ length: rank }, (_, axis) => axis), keepdims };
}

type Form = (context: RewriteContext, x: string, reduction: Reduction) => string;

function rewriteWith(form: Form) {
  return (context: RewriteContext) => {
    const reduction = reductionOf(context);
    return reduction && [form(context, context.input(0), reduction)];
  };
}

/** ReduceSum, ReduceMean, ReduceMax …: axes as an input, each named. */
const plain: Form = ({ node, emit }, x, { axes, keepdims }) =>
  emit.reduce(node.opType, x, axes, keepdims);

/** −max(−x). */
const min: Form = ({ emit }, x, { axes, keepdims }) =>
  emit.neg(emit.reduce('ReduceMax', emit.neg(x), axes, keepdims));

/** Σ|x|. */
const l1: Form = ({ emit }, x, { axes, keepdims }) =>
  emit.reduceSum(emit.unary('Abs', x), axes, keepdims);

/** Σx². */
const sumSquare: Form = ({ emit }, x, { axes, keepdims }) =>
  emit.reduceSum(emit.mul(x, x), axes, keepdims);

/** √Σx². */
const l2: Form = (context, x, reduction) =>
  context.emit.unary('Sqrt', sumSquare(context, x, reduction));

/** ln Σx. */
const logSum: Form = ({ emit }, x, { axes, keepdims }) =>
  emit.unary('Log', emit.reduceSum(x, axes, keepdims));

/** ln Σeˣ = m + ln Σe^(x−m) with m = max x, so that no power overflows. */
const logSumExp: Form = ({ emit }, x, { axes, keepdims }) => {
  const largest = emit.reduce('ReduceMax', x, axes, true);
  const powers = emit.unary('Exp', emit.sub(x, largest));
  const sum = emit.add(emit.unary('Log', emit.reduceSum(powers, axes, true)), largest);
  const kept = emit.dims(sum).filter((_, axis) => !axes.includes(axis));
  return keepdims ? sum : emit.reshape(sum, kept);
};

export const reductionRewrites: readonly RewriteEntry[] = [
  {
    operators: ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceProd'],
    rewrite: rewriteWith(plain),
  },
  { operators: ['ReduceMin'], rewrite: rewriteWith(min) },
  { operators: ['ReduceL1'], rewrite: rewriteWith(l1) },
  { operators: ['ReduceL2'], rewrite: rewriteWith(l2) },
  { operators: ['ReduceSumSquare'], rewrite: rewriteWith(sumSquare) },
  { operators: ['ReduceLogSum'], rewrite: rewriteWith(logSum) },
  { operators: ['ReduceLogSumExp'], rewrite: rewriteWith(logSumExp) },
];
