/** Each rule against central differences, in float64 on the reference interpreter. */
import { describe, expect, it } from 'vitest';
import {
  caseFeeds,
  caseModel,
  constant,
  differences,
  gradientsOf,
  integers,
  noise,
  numbers,
  relativeDistance,
  type CaseInput,
  type NodeCase,
} from '../../../../test/support/gradient.ts';
import { interpret } from '../../../../test/support/interpret/interpret.ts';
import { f64, type F64Value } from '../../../../test/support/interpret/value.ts';
import { gradientEntries } from './index.ts';

const float = (value: number) => ({ float: value });
const one = (
  operator: string,
  inputs: readonly (CaseInput | null)[],
  attributes?: NodeCase['attributes'],
  rest: Partial<NodeCase> = {},
): NodeCase => ({ operator, inputs, attributes, ...rest });

const above = (dims: readonly number[], seed = 1) => noise(dims, seed, 0.5, 2);
/** Distinct numbers in no order, at least 0.1 apart: no ties and no kinks near them. */
function spaced(dims: readonly number[], offset = 0.05): CaseInput {
  const count = dims.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: count }, (_, k) => ((k * 7) % count) * 0.2 - count * 0.1);
  return { dims, values: values.map((v) => v + offset) };
}

const elementwise: readonly NodeCase[] = [
  ...['Add', 'Sub', 'Mul'].flatMap((operator) => [
    one(operator, [noise([2, 3]), noise([2, 3], 2)]),
    one(operator, [noise([2, 1, 3]), noise([4, 1], 2)]),
    one(operator, [noise([3]), noise([], 2)]),
  ]),
  one('Div', [noise([2, 3]), above([2, 3], 2)]),
  one('Div', [noise([3]), above([2, 1], 2)]),
  ...[2, 3, 0.5, -1, 1, 0, 2.5].map((b) =>
    one('Pow', [above([2, 3]), constant([], [b], 'float64')]),
  ),
  one('Pow', [noise([2, 3]), constant([1], [2], 'int64')]),
  one('Pow', [noise([2, 3]), constant([3], [0, 2, 3], 'int64')]),
  one('Pow', [above([2, 3]), noise([3], 2)]),
  one('Pow', [above([2, 1]), noise([3], 2)]),
  ...['Sqrt', 'Log', 'Reciprocal'].map((operator) => one(operator, [above([2, 3])])),
  ...['Exp', 'Neg', 'Sin', 'Cos', 'Sigmoid', 'Tanh', 'Erf', 'Softplus', 'Identity'].map((o) =>
    one(o, [noise([2, 3], 3, -2, 2)]),
  ),
  ...['Abs', 'Relu', 'Softsign'].map((operator) => one(operator, [spaced([2, 3])])),
  ...['Gelu', 'Mish'].map((o) => one(o, [noise([2, 3], 3, -2, 2)], {}, { opset: 20 })),
  one('Gelu', [noise([2, 3], 3, -2, 2)], { approximate: 'tanh' }, { opset: 20 }),
  one('Swish', [noise([2, 3], 3, -2, 2)], { alpha: float(1.5) }, { opset: 24 }),
  one('LeakyRelu', [spaced([2, 3])], { alpha: float(0.2) }),
  one('Elu', [spaced([2, 3])], { alpha: float(0.7) }),
  one('PRelu', [spaced([2, 3]), noise([3], 2)]),
  one('HardSigmoid', [spaced([4, 10], 0.02)], { alpha: float(0.3), beta: float(0.4) }),
  one('HardSwish', [spaced([4, 10], 0.02)]),
  one('Where', [constant([2, 1], [1, 0], 'bool'), noise([2, 3]), noise([3], 2)]),
  one('Where', [constant([2, 3], [1, 0, 1, 0, 0, 1], 'bool'), noise([]), noise([2, 3], 2)]),
  one('Min', [spaced([2, 3]), spaced([3], 0.11)]),
  one('Max', [spaced([2, 3]), spaced([3], 0.11), spaced([2, 1], 0.17)]),
  one('Max', [spaced([2, 3])]),
  one('Clip', [spaced([2, 5]), noise([], 5, -0.5, -0.4), noise([], 6, 0.4, 0.5)]),
  one('Clip', [spaced([2, 5]), null, constant([], [0.3], 'float64')]),
  one('Clip', [spaced([2, 5])], { min: float(-0.31), max: float(0.33) }),
  one('Sum', [noise([2, 3]), noise([3], 2), noise([2, 1], 3)]),
  one('Mean', [noise([2, 3]), noise([3], 2), noise([2, 1], 3)]),
];

const productsCases: readonly NodeCase[] = [
  one('MatMul', [noise([2, 3]), noise([3, 4], 2)]),
  one('MatMul', [noise([2, 2, 3]), noise([3, 4], 2)]),
  one('MatMul', [noise([2, 1, 2, 3]), noise([2, 3, 2], 2)]),
  one('MatMul', [noise([2, 3]), noise([2, 3, 2], 2)]),
  one('MatMul', [noise([3]), noise([3, 2], 2)]),
  one('MatMul', [noise([2, 2, 3]), noise([3], 2)]),
  one('MatMul', [noise([3]), noise([3], 2)]),
  ...[0, 1].flatMap((transA) =>
    [0, 1].map((transB) =>
      one(
        'Gemm',
        [noise(transA ? [3, 2] : [2, 3]), noise(transB ? [4, 3] : [3, 4], 2), noise([4], 3)],
        { transA, transB, alpha: float(0.5), beta: float(1.5) },
      ),
    ),
  ),
  one('Gemm', [noise([2, 3]), noise([3, 4], 2)]),
  one('Gemm', [noise([2, 3]), noise([3, 4], 2), noise([2, 1], 3)]),
  one('Einsum', [noise([2, 3]), noise([3, 4], 2)], { equation: 'ij,jk->ik' }),
  one('Einsum', [noise([2, 3, 2]), noise([2, 4, 2], 2)], { equation: 'bid, bjd -> bij' }),
  one('Einsum', [noise([2, 3]), noise([3, 4], 2)], { equation: 'ij,jk' }),
  one('Einsum', [noise([2, 3, 2]), noise([2, 4, 2], 2)], { equation: 'bid,bjd->ij' }),
  one('Einsum', [noise([2, 3])], { equation: 'ij->ji' }),
  one('Einsum', [noise([2, 3])], { equation: 'ij->i' }),
  one('Einsum', [noise([2, 3]), noise([3], 2), noise([2], 3)], { equation: 'ij,j,i->' }),
];

const convolutions: readonly NodeCase[] = [
  one('Conv', [noise([2, 3, 5]), noise([4, 3, 3], 2), noise([4], 3)], { pads: [1, 1] }),
  one('Conv', [noise([1, 2, 6]), noise([3, 2, 3], 2)], { pads: [1, 0], strides: [2] }),
  one('Conv', [noise([1, 2, 7]), noise([2, 2, 2], 2)], { dilations: [2], strides: [3] }),
  one('Conv', [noise([2, 4, 5]), noise([6, 2, 3], 2), noise([6], 3)], { group: 2, pads: [1, 2] }),
  one('Conv', [noise([1, 3, 5]), noise([3, 1, 3], 2)], { group: 3, auto_pad: 'SAME_UPPER' }),
  one('Conv', [noise([1, 2, 5]), noise([2, 2, 2], 2)], { auto_pad: 'SAME_LOWER', strides: [2] }),
  one('Conv', [noise([1, 2, 4, 5]), noise([2, 2, 2, 3], 2), noise([2], 3)], {
    strides: [1, 2],
    pads: [1, 0, 0, 1],
  }),
  one('Conv', [noise([2, 2, 4, 6]), noise([3, 2, 2, 3], 2), noise([3], 3)], { strides: [2, 3] }),
  one('Conv', [noise([1, 1, 5, 5]), noise([2, 1, 2, 2], 2)], { strides: [2, 2] }),
];

const normalizations: readonly NodeCase[] = [
  ...['Softmax', 'LogSoftmax'].flatMap((operator) => [
    one(operator, [noise([2, 3], 1, -2, 2)]),
    one(operator, [noise([2, 3, 2], 1, -2, 2)], { axis: 1 }),
  ]),
  one('LayerNormalization', [noise([2, 3, 4]), noise([4], 2), noise([4], 3)]),
  one('LayerNormalization', [noise([2, 3, 4]), noise([3, 4], 2)], { axis: 1, epsilon: float(0.1) }),
  ...['SimplifiedLayerNormalization', 'RMSNormalization'].flatMap((operator) => [
    one(operator, [noise([2, 3, 4]), noise([4], 2)], { epsilon: float(1e-3) }, { opset: 23 }),
    one(operator, [noise([2, 3, 4]), noise([3, 4], 2)], { axis: 1 }, { opset: 23 }),
  ]),
  one('BatchNormalization', [
    noise([2, 3, 4]),
    noise([3], 2),
    noise([3], 3),
    noise([3], 4),
    above([3], 5),
  ]),
];

const REDUCTIONS = ['Sum', 'Mean', 'SumSquare', 'L2', 'LogSumExp', 'LogSum', 'Max', 'Min', 'L1'];
const reductions: readonly NodeCase[] = REDUCTIONS.flatMap((name) => {
  const x = name === 'LogSum' ? above([2, 3, 4]) : spaced([2, 3, 4]);
  return [
    one(`Reduce${name}`, [x, integers(1)], { keepdims: 0 }),
    one(`Reduce${name}`, [x, integers(-1, 0)]),
    one(`Reduce${name}`, [x]),
    one(`Reduce${name}`, [x, constant([0], [])], { noop_with_empty_axes: 0, keepdims: 0 }),
  ];
});

const shapes: readonly NodeCase[] = [
  one('Reshape', [noise([2, 6]), integers(3, -1)]),
  one('Squeeze', [noise([2, 1, 3]), integers(1)]),
  one('Squeeze', [noise([1, 2, 1])]),
  one('Unsqueeze', [noise([2, 3]), integers(0, -1)]),
  one('Flatten', [noise([2, 3, 2])], { axis: 2 }),
  one('Transpose', [noise([2, 3, 4])], { perm: [2, 0, 1] }),
  one('Transpose', [noise([2, 3])]),
  one('Expand', [noise([3, 1]), integers(2, 3, 4)]),
  one('Tile', [noise([2, 3]), integers(2, 1)]),
  one('Tile', [noise([2, 3]), integers(2, 3)]),
  one('Cast', [noise([2, 3])], { to: 1 }),
  one('CastLike', [noise([2, 3]), constant([1], [1], 'float32')]),
  one('Dropout', [noise([2, 3])]),
  one('Trilu', [noise([2, 3, 4])]),
  one('Trilu', [noise([3, 4]), constant([], [1])], { upper: 0 }),
  one('CumSum', [noise([2, 4]), constant([], [1])]),
  one('CumSum', [noise([2, 4]), constant([], [0])], { exclusive: 1, reverse: 1 }),
];

const pieces: readonly NodeCase[] = [
  one('Slice', [noise([4, 5]), integers(1), integers(3), integers(1)]),
  one('Slice', [noise([4, 5]), integers(-3, 0), integers(9, -1), integers(0, 1), integers(1, 2)]),
  one('Slice', [noise([4, 7]), integers(-1), integers(-99), integers(1), integers(-3)]),
  one('Slice', [noise([4, 7]), integers(5, 3), integers(1, -9), integers(1, 0), integers(-2, -1)]),
  one('Split', [noise([2, 5]), integers(2, 3)], { axis: 1 }, { outputs: 2 }),
  one('Split', [noise([4, 2])], { num_outputs: 2 }, { outputs: 2 }),
  one('Concat', [noise([2, 3]), noise([1, 3], 2), noise([2, 3], 3)], { axis: 0 }),
  one('Concat', [noise([2, 3]), constant([2, 1], [1, 2], 'float64')], { axis: -1 }),
  one('Concat', [noise([2, 3])], { axis: 0 }),
  one('Pad', [noise([2, 3]), integers(0, 1, 1, 0), noise([], 2)]),
  one('Pad', [noise([2, 3]), integers(1, 0, 0, -1)]),
  one('Pad', [noise([2, 3]), integers(1, 2), null, integers(-1)]),
];

const gathers: readonly NodeCase[] = [
  one('Gather', [noise([5, 3]), constant([2, 2], [1, 4, 1, -5])]),
  one('Gather', [noise([2, 5, 3]), constant([2], [3, 0])], { axis: 1 }),
  one('Gather', [noise([2, 4, 3]), constant([2, 2], [3, 0, 3, -4])], { axis: -2 }),
  one('Gather', [noise([2, 3]), constant([], [-1])], { axis: 1 }),
  one('Gather', [noise([3, 2]), constant([1], [2])]),
  one('GatherElements', [noise([3, 4]), constant([3, 1], [1, 3, -4])], { axis: 1 }),
  one('GatherElements', [noise([3, 4]), constant([2, 2], [0, 2, 0, -1])], { axis: 0 }),
  one('GatherElements', [noise([3, 4]), constant([2, 1], [3, 0])], { axis: 1 }),
  one('GatherND', [noise([3, 4]), constant([2, 2], [0, 1, 2, 3])]),
  one('GatherND', [noise([3, 4]), constant([3, 1], [1, 1, -3])]),
  one('GatherND', [noise([2, 3, 2]), constant([2, 1], [1, 2])], { batch_dims: 1 }),
  one('ScatterND', [noise([4, 2]), constant([2, 1], [3, 1]), noise([2, 2], 2)]),
  one('ScatterND', [noise([4, 2]), constant([3, 2], [3, 1, 0, 0, 3, 1]), noise([3], 2)], {
    reduction: 'add',
  }),
  one('ScatterElements', [noise([3, 3]), constant([1, 2], [1, 2]), noise([1, 2], 2)], { axis: 1 }),
  one('ScatterElements', [noise([3, 3]), constant([2, 2], [1, 1, 0, 2]), noise([2, 2], 2)], {
    axis: 1,
    reduction: 'add',
  }),
];

const codes = (dims: readonly number[], type: 'uint8' | 'int8') =>
  constant(dims, numbers(dims[0] * dims[1], 9, 0, 100).map(Math.floor), type);
const nBits = (bits: number, block: number, K: number, N: number) => {
  const blocks = Math.ceil(K / block);
  const bytes = (count: number, seed: number) => numbers(count, seed, 0, 256).map(Math.floor);
  const packed = (block * bits) / 8;
  const zeros = N * Math.ceil((blocks * bits) / 8);
  return {
    attributes: { K, N, bits, block_size: block },
    B: constant([N, blocks, packed], bytes(N * blocks * packed, 3), 'uint8'),
    scales: { ...noise([N * blocks], 4, 0.01, 0.1), constant: true },
    zeros: constant([zeros], bytes(zeros, 5), 'uint8'),
    floats: { ...noise([N * blocks], 6, 2, 12), constant: true },
  };
};
const [four, two, eight] = [nBits(4, 16, 40, 3), nBits(2, 16, 32, 3), nBits(8, 16, 16, 2)];
const microsoft = { domain: 'com.microsoft' };

const quantized: readonly NodeCase[] = [
  one('DequantizeLinear', [codes([2, 3], 'int8'), above([])]),
  one('DequantizeLinear', [codes([2, 3], 'uint8'), above([3]), constant([3], [3, 50, 7], 'uint8')]),
  one(
    'DequantizeLinear',
    [codes([4, 2], 'int8'), above([2, 2])],
    { axis: 0, block_size: 2 },
    {
      opset: 21,
    },
  ),
  one('MatMulNBits', [noise([2, 3, 40]), four.B, four.scales], four.attributes, microsoft),
  one(
    'MatMulNBits',
    [noise([2, 40]), four.B, four.scales, four.zeros, null, noise([3])],
    {
      ...four.attributes,
    },
    microsoft,
  ),
  one(
    'MatMulNBits',
    [noise([2, 40]), four.B, four.scales, four.floats],
    four.attributes,
    microsoft,
  ),
  one('MatMulNBits', [noise([2, 32]), two.B, two.scales, two.zeros], two.attributes, microsoft),
  one(
    'MatMulNBits',
    [noise([2, 16]), eight.B, eight.scales, eight.zeros],
    eight.attributes,
    microsoft,
  ),
];

const CASES = [
  ...elementwise,
  ...productsCases,
  ...convolutions,
  ...normalizations,
  ...reductions,
  ...shapes,
  ...pieces,
  ...gathers,
  ...quantized,
];

function label({ operator, inputs, attributes }: NodeCase): string {
  const sizes = inputs.map((input) => (input ? `[${input.dims.join()}]` : '–')).join(' ');
  const entries = Object.entries(attributes ?? {});
  return `${operator} ${sizes} ${entries.map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(' ')}`;
}

/** The largest error of any input's gradient. */
function errorOf(test: NodeCase): number {
  const model = caseModel(test);
  const feeds = caseFeeds(test);
  const values = interpret(model, feeds);
  const upstream: Record<string, F64Value> = {};
  for (const { name } of model.graph.outputs) {
    const { dims, data } = values.get(name)!;
    upstream[name] = f64(dims, numbers(data.length, 17), 11);
  }
  const wanted = Object.keys(feeds);
  const found = gradientsOf(model, feeds, upstream, wanted);
  return Math.max(
    ...wanted.map((name) => {
      const gradient = found.get(name);
      if (!gradient) return Infinity;
      expect(gradient.dims).toEqual(feeds[name].dims);
      return relativeDistance(gradient.data, differences(model, feeds, upstream, name));
    }),
  );
}

describe('gradient rules, against central differences', () => {
  it.each(CASES.map((test) => [label(test), test] as const))('%s', (_, test) => {
    expect(errorOf(test)).toBeLessThan(1e-8);
  });

  it('holds every operator that has a rule', () => {
    const tried = new Set(CASES.map(({ operator }) => operator));
    const all = gradientEntries.flatMap(({ operators }) => operators);
    const elsewhere = ['QuantizeLinear'];
    expect(all.filter((name) => !tried.has(name))).toEqual(elsewhere);
  });
});
