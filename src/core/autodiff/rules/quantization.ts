import { intAttribute } from '../../onnx/graph/attributes.ts';
import { DataType } from '../../tensor/data-type.ts';
import { product, resolveAxis } from '../dims.ts';
import type { GradientContext, GradientEntry } from '../types.ts';
import { noGradientForm } from './read-node.ts';

/** Lowest and highest code of each type. */
const CODES: Readonly<Record<number, readonly [number, number]>> = {
  [DataType.int8]: [-128, 127],
  [DataType.uint8]: [0, 255],
  [DataType.int16]: [-32768, 32767],
  [DataType.uint16]: [0, 65535],
  [DataType.int4]: [-8, 7],
  [DataType.uint4]: [0, 15],
  [DataType.int2]: [-2, 1],
  [DataType.uint2]: [0, 3],
};

/**
 * y = s·(q − z). The gradient that goes on through the whole numbers q is that with respect to the
 * real number each stands for, s·(q − z): it is ∂L/∂y itself, and {@link quantize} takes it as such.
 * ∂L/∂s = Σ ∂L/∂y ⊙ (q − z) over what shares the scale.
 */
function dequantize(context: GradientContext): (string | undefined)[] {
  const { node, emit, dy, input, dims, wants } = context;
  const { opType, attributes } = node;
  const codes = () => {
    const ones = emit.expand(emit.scalar(1, emit.dataType(input(1))), dims(1));
    const inputs = [input(0), ones, ...(input(2) === '' ? [] : [input(2)])];
    const axis = intAttribute(node, 'axis', 1);
    const block_size = intAttribute(node, 'block_size');
    return emit.op(opType, inputs, dims(0), {
      attributes: attributes.length > 0 ? { axis, block_size } : {},
      dataType: emit.dataType(input(1)),
    });
  };
  return [
    wants(0) ? dy : undefined,
    wants(1) ? sumToScale(context, emit.mul(dy, codes())) : undefined,
  ];
}

/**
 * q = clamp(round(x/s) + z): the straight-through estimator lets the gradient g with respect to s·(q − z)
 * pass where nothing was clamped: ∂L/∂x = g where low ≤ round(x/s) + z ≤ high, else 0;
 * ∂L/∂s = −Σ g ⊙ x/s there. With {@link dequantize} the scale gets the gradient of LSQ.
 * @see Bengio, Léonard & Courville 2013, arXiv:1308.3432; Esser et al. 2020, arXiv:1902.08153
 */
function quantize(context: GradientContext): (string | undefined)[] {
  const { emit, dy, input, dims, wants } = context;
  const type = emit.dataType(input(0));
  const [low, high] = codesOf(context);
  const zero = emit.scalar(0, type);
  const point = input(2) === '' ? zero : aligned(context, emit.cast(input(2), type));
  const ratio = emit.div(input(0), aligned(context, input(1)));
  // round(v) > high is v > high + ½: Round leaves the GPU.
  const position = emit.add(ratio, point);
  const under = emit.where(
    emit.compare('Greater', position, emit.scalar(high + 0.5, type)),
    zero,
    dy,
  );
  const passed = emit.where(
    emit.compare('Less', position, emit.scalar(low - 0.5, type)),
    zero,
    under,
  );
  return [
    wants(0) ? emit.reshape(passed, dims(0)) : undefined,
    wants(1) ? sumToScale(context, emit.neg(emit.mul(passed, ratio))) : undefined,
  ];
}

function codesOf(context: GradientContext): readonly [number, number] {
  const { node, emit, input } = context;
  const named = intAttribute(node, 'output_dtype', 0) || DataType.uint8;
  const codes = CODES[input(2) === '' ? named : emit.dataType(input(2))];
  if (codes === undefined) throw noGradientForm(context, 'to a type that is no integer');
  return codes;
}

/** A scale or zero point in a size that broadcasts against x: per tensor, channel or block. */
function aligned(context: GradientContext, parameter: string): string {
  const { node, emit, dims } = context;
  const sizes = dims(0);
  const own = emit.dims(parameter);
  if (product(own) === 1) return emit.reshape(parameter, []);
  const axis = resolveAxis(intAttribute(node, 'axis', 1), sizes.length);
  const block = intAttribute(node, 'block_size', 0);
  if (block === 0)
    return emit.reshape(
      parameter,
      sizes.map((n, a) => (a === axis ? n : 1)),
    );
  const columns = emit.reshape(parameter, own.toSpliced(axis + 1, 0, 1));
  const spread = emit.expand(columns, own.toSpliced(axis + 1, 0, block));
  const whole = emit.reshape(spread, own.with(axis, own[axis] * block));
  return emit.slice(whole, axis, 0, sizes[axis]);
}

/** Sums what shares one scale. */
function sumToScale(context: GradientContext, x: string): string {
  const { node, emit, dims } = context;
  const [sizes, own] = [dims(0), dims(1)];
  if (product(own) === 1) return emit.reshape(emit.sumTo(x, []), own);
  const axis = resolveAxis(intAttribute(node, 'axis', 1), sizes.length);
  const block = intAttribute(node, 'block_size', 0);
  if (block === 0) {
    const others = sizes.flatMap((_, a) => (a === axis ? [] : [a]));
    return emit.reduceSum(x, others, false);
  }
  if (sizes[axis] !== own[axis] * block) throw noGradientForm(context, 'with a broken last block');
  const split = [...sizes.slice(0, axis), own[axis], block, ...sizes.slice(axis + 1)];
  return emit.reduceSum(emit.reshape(x, split), [axis + 1], false);
}

export const quantizationRules: readonly GradientEntry[] = [
  {
    operators: ['DequantizeLinear'],
    rule: dequantize,
    equation: '∂L/∂(s(q − z)) = ∂L/∂y, ∂L/∂s = Σ ∂L/∂y ⊙ (q − z)',
  },
  {
    operators: ['QuantizeLinear'],
    rule: quantize,
    equation: '∂L/∂x = g where nothing was clamped, ∂L/∂s = −Σ g ⊙ x/s there',
    note: 'straight-through estimator',
  },
];
