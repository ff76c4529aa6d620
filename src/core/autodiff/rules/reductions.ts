import { intAttribute } from '../../onnx/graph/attributes.ts';
import { product, reducedDims } from '../dims.ts';
import type { GradientContext, GradientEntry } from '../types.ts';
import { reductionAxes } from './read-node.ts';

interface Reduction {
  readonly axes: readonly number[];
  /** Sizes with the reduced axes kept as 1, which broadcast against the input. */
  readonly kept: readonly number[];
  /** How many elements each result gathers. */
  readonly count: number;
}

function reductionOf(context: GradientContext): Reduction {
  const dims = context.dims(0);
  const noop = intAttribute(context.node, 'noop_with_empty_axes', 0) === 1;
  const axes = reductionAxes(context, dims.length, noop);
  const kept = reducedDims(dims, axes, true);
  return { axes, kept, count: product(axes.map((axis) => dims[axis])) };
}

/** A rule that is told ∂L/∂y and y with the reduced axes kept, and gives ∂L/∂x or what broadcasts to it. */
function reduction(
  gradient: (context: GradientContext, dy: string, y: string, r: Reduction) => string,
): GradientEntry['rule'] {
  return (context) => {
    const { emit, dy, output, dims } = context;
    const r = reductionOf(context);
    const kept = (v: string) => emit.reshape(v, r.kept);
    return [emit.expand(gradient(context, kept(dy), kept(output()), r), dims(0))];
  };
}

/** y = Σ x: ∂L/∂x = ∂L/∂y. */
const sum = reduction((_, dy) => dy);

/** y = Σ x / n: ∂L/∂x = ∂L/∂y / n. */
const mean = reduction(({ emit }, dy, _, { count }) => emit.scale(dy, 1 / count));

/** y = max x or min x: ∂L/∂x = ∂L/∂y where x = y, shared among equals. */
const extreme = reduction(({ emit, input }, dy, y, { axes }) => {
  const equal = emit.compare('Equal', input(0), y);
  const type = emit.dataType(dy);
  const zero = emit.scalar(0, type);
  const count = emit.reduceSum(emit.where(equal, emit.scalar(1, type), zero), axes);
  return emit.where(equal, emit.div(dy, count), zero);
});

/** y = Σ x²: ∂L/∂x = 2x·∂L/∂y. */
const sumSquare = reduction(({ emit, input }, dy) => emit.mul(input(0), emit.scale(dy, 2)));

/** y = Σ |x|: ∂L/∂x = sign(x)·∂L/∂y. */
const l1 = reduction(({ emit, input }, dy) => {
  const zero = emit.scalar(0, emit.dataType(dy));
  const below = emit.where(emit.compare('Less', input(0), zero), emit.neg(dy), zero);
  return emit.where(emit.compare('Greater', input(0), zero), dy, below);
});

/** y = √(Σ x²): ∂L/∂x = x·∂L/∂y ⊘ y, zero where y = 0. */
const l2 = reduction(({ emit, input }, dy, y) => {
  const zero = emit.scalar(0, emit.dataType(dy));
  const share = emit.where(emit.compare('Equal', y, zero), zero, emit.div(dy, y));
  return emit.mul(input(0), share);
});

/** y = ln Σ eˣ: ∂L/∂x = ∂L/∂y·exp(x − y). */
const logSumExp = reduction(({ emit, input }, dy, y) =>
  emit.mul(dy, emit.unary('Exp', emit.sub(input(0), y))),
);

/** y = ln Σ x: ∂L/∂x = ∂L/∂y·e⁻ʸ. */
const logSum = reduction(({ emit }, dy, y) => emit.mul(dy, emit.unary('Exp', emit.neg(y))));

export const reductionRules: readonly GradientEntry[] = [
  { operators: ['ReduceSum'], rule: sum, equation: '∂L/∂x = ∂L/∂y' },
  { operators: ['ReduceMean'], rule: mean, equation: '∂L/∂x = ∂L/∂y / n' },
  {
    operators: ['ReduceMax', 'ReduceMin'],
    rule: extreme,
    equation: '∂L/∂x = ∂L/∂y where x = y, shared among equals',
  },
  { operators: ['ReduceSumSquare'], rule: sumSquare, equation: '∂L/∂x = 2x·∂L/∂y' },
  { operators: ['ReduceL1'], rule: l1, equation: '∂L/∂x = sign(x)·∂L/∂y' },
  { operators: ['ReduceL2'], rule: l2, equation: '∂L/∂x = x·∂L/∂y ⊘ y' },
  { operators: ['ReduceLogSum'], rule: logSum, equation: '∂L/∂x = ∂L/∂y·e⁻ʸ' },
  { operators: ['ReduceLogSumExp'], rule: logSumExp, equation: '∂L/∂x = ∂L/∂y·exp(x − y)' },
];
