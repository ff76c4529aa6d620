import { floatAttribute, intAttribute } from '../../onnx/graph/attributes.ts';
import { DataType } from '../../tensor/data-type.ts';
import { resolveAxis } from '../dims.ts';
import type { GradientContext, GradientEntry } from '../types.ts';
import { noGradientForm } from './read-node.ts';

interface Normed {
  /** x̂: the input scaled to unit variance (or unit mean square), before γ and β. */
  readonly normed: string;
  /** r: one over the standard deviation (or root mean square). */
  readonly inverse: string;
  readonly axes: readonly number[];
}

/**
 * y = x̂ ⊙ γ + β with x̂ = (x − μ)·r, r = 1/√(var x + ε), over the axes from `axis` on. With
 * g = ∂L/∂y ⊙ γ: ∂L/∂x = r·(g − mean g − x̂·mean(g ⊙ x̂)), ∂L/∂γ = Σ ∂L/∂y ⊙ x̂, ∂L/∂β = Σ ∂L/∂y.
 * One LayerNormalization without γ and β gives x̂ and r again in a single pass.
 * @see Ba, Kiros & Hinton 2016, arXiv:1607.06450
 */
function layerNorm(context: GradientContext): (string | undefined)[] {
  const { emit, dy, input, dims, wants } = context;
  refuseStatistics(context);
  const { normed, inverse, axes } = layerNormed(context);
  const dx = () => {
    const g = emit.mul(dy, input(1));
    const centred = emit.sub(g, emit.reduce('ReduceMean', g, axes));
    return emit.mul(inverse, emit.sub(centred, projection(context, g, normed, axes)));
  };
  return [
    wants(0) ? dx() : undefined,
    wants(1) ? emit.sumTo(emit.mul(dy, normed), dims(1)) : undefined,
    wants(2) ? emit.sumTo(dy, dims(2)) : undefined,
  ];
}

/**
 * y = x̂ ⊙ γ with x̂ = x·r, r = 1/√(mean x² + ε). With g = ∂L/∂y ⊙ γ:
 * ∂L/∂x = r·(g − x̂·mean(g ⊙ x̂)), ∂L/∂γ = Σ ∂L/∂y ⊙ x̂.
 * @see Zhang & Sennrich 2019, arXiv:1910.07467
 */
function rmsNorm(context: GradientContext): (string | undefined)[] {
  const { emit, dy, input, dims, wants } = context;
  refuseStatistics(context);
  const { normed, inverse, axes } = rmsNormed(context);
  const dx = () => {
    const g = emit.mul(dy, input(1));
    return emit.mul(inverse, emit.sub(g, projection(context, g, normed, axes)));
  };
  return [
    wants(0) ? dx() : undefined,
    wants(1) ? emit.sumTo(emit.mul(dy, normed), dims(1)) : undefined,
  ];
}

/** x̂·mean(g ⊙ x̂). */
function projection(
  { emit }: GradientContext,
  g: string,
  normed: string,
  axes: readonly number[],
): string {
  return emit.mul(normed, emit.reduce('ReduceMean', emit.mul(g, normed), axes));
}

function normalizedAxes({ node, dims }: GradientContext): readonly number[] {
  const rank = dims(0).length;
  const first = resolveAxis(intAttribute(node, 'axis', -1), rank);
  return Array.from({ length: rank - first }, (_, k) => first + k);
}

function layerNormed(context: GradientContext): Normed {
  const { emit, node, input, dims } = context;
  const axes = normalizedAxes(context);
  const sizes = dims(0);
  const ones = emit.filled(1, sizes.slice(axes[0]), emit.dataType(input(0)));
  const means = sizes.map((size, axis) => (axis < axes[0] ? size : 1));
  const epsilon = floatAttribute(node, 'epsilon', 1e-5);
  const [normed, , inverse] = emit.ops(
    'LayerNormalization',
    [input(0), ones],
    [sizes, means, means],
    { attributes: { axis: axes[0], epsilon: { float: epsilon } } },
  );
  return { normed, inverse: inTypeOf(context, inverse), axes };
}

/** The operator keeps its deviation in float32 (`stash_type`) when x is narrower. */
function inTypeOf({ emit, input }: GradientContext, inverse: string): string {
  const type = emit.dataType(input(0));
  if (type !== DataType.float16 && type !== DataType.bfloat16) return inverse;
  emit.declare(inverse, { dataType: DataType.float32, dims: emit.dims(inverse) });
  return emit.cast(inverse, type);
}

function rmsNormed(context: GradientContext): Normed {
  const { emit, node, input } = context;
  const axes = normalizedAxes(context);
  const x = input(0);
  const square = emit.reduce('ReduceMean', emit.mul(x, x), axes);
  const epsilon = emit.scalar(floatAttribute(node, 'epsilon', 1e-5), emit.dataType(x));
  const inverse = emit.unary('Reciprocal', emit.unary('Sqrt', emit.add(square, epsilon)));
  return { normed: emit.mul(x, inverse), inverse, axes };
}

function refuseStatistics(context: GradientContext): void {
  if (context.gradient(1) === undefined && context.gradient(2) === undefined) return;
  throw noGradientForm(context, 'with its mean or deviation as a result');
}

/**
 * y = γ·(x − μ)·r + β per channel, r = 1/√(σ² + ε), with μ and σ² as stored: ∂L/∂x = γ·r·∂L/∂y,
 * ∂L/∂γ = Σ ∂L/∂y·(x − μ)·r, ∂L/∂β = Σ ∂L/∂y, ∂L/∂μ = −γ·r·Σ ∂L/∂y, ∂L/∂σ² = −½·γ·r³·Σ ∂L/∂y·(x − μ).
 */
function batchNorm(context: GradientContext): (string | undefined)[] {
  const { emit, dy, node, input, dims, wants } = context;
  if (intAttribute(node, 'training_mode', 0) !== 0)
    throw noGradientForm(context, 'in training mode');
  const sizes = dims(0);
  const channel = (v: string) => emit.reshape(v, [sizes[1], ...sizes.slice(2).map(() => 1)]);
  const others = sizes.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const perChannel = (v: string) => emit.reduceSum(v, others, false);
  const epsilon = emit.scalar(floatAttribute(node, 'epsilon', 1e-5), emit.dataType(input(0)));
  const root = emit.unary('Sqrt', emit.add(input(4), epsilon));
  const slope = emit.div(input(1), root);
  const spread = () => perChannel(emit.mul(dy, emit.sub(input(0), channel(input(3)))));
  const dVariance = () =>
    emit.scale(emit.div(emit.mul(spread(), slope), emit.mul(root, root)), -0.5);
  return [
    wants(0) ? emit.mul(dy, channel(slope)) : undefined,
    wants(1) ? emit.div(spread(), root) : undefined,
    wants(2) ? perChannel(dy) : undefined,
    wants(3) ? emit.neg(emit.mul(perChannel(dy), slope)) : undefined,
    wants(4) ? dVariance() : undefined,
  ];
}

const RMS = '∂L/∂x = r(g − x̂·mean(g ⊙ x̂)), g = ∂L/∂y ⊙ γ; ∂L/∂γ = Σ ∂L/∂y ⊙ x̂';

export const normalizationRules: readonly GradientEntry[] = [
  {
    operators: ['LayerNormalization'],
    rule: layerNorm,
    equation:
      '∂L/∂x = r(g − mean g − x̂·mean(g ⊙ x̂)), g = ∂L/∂y ⊙ γ; ∂L/∂γ = Σ ∂L/∂y ⊙ x̂, ∂L/∂β = Σ ∂L/∂y',
  },
  { operators: ['RMSNormalization', 'SimplifiedLayerNormalization'], rule: rmsNorm, equation: RMS },
  {
    operators: ['BatchNormalization'],
    rule: batchNorm,
    equation: '∂L/∂x = γ·r·∂L/∂y, ∂L/∂γ = Σ ∂L/∂y·(x − μ)·r, ∂L/∂β = Σ ∂L/∂y',
    note: 'inference form only',
  },
];
