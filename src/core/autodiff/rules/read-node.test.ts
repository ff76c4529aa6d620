/** Forms of operators that have no gradient are named with their node. */
import { describe, expect, it } from 'vitest';
import {
  caseFeeds,
  caseModel,
  constant,
  integers,
  noise,
  withBackward,
  type NodeCase,
} from '../../../../test/support/gradient.ts';
import { makeGraph, makeModel, makeNode, makeValueInfo } from '../../onnx/graph/make.ts';
import { DataType } from '../../tensor/data-type.ts';

const backward = (test: NodeCase, seeds: Readonly<Record<string, string>> = { y0: 'dy' }) =>
  withBackward(caseModel(test), seeds, Object.keys(caseFeeds(test)));

const refusal = (operator: string, form: string) =>
  `The operator ${operator} (node "node") is used ${form}, and no gradient is known for that form; train layers behind it only, or export the model without it.`;

const packed = { K: 16, N: 2, bits: 4, block_size: 16 };
const bytes = constant([2, 1, 8], new Array<number>(16).fill(7), 'uint8');

const CASES: readonly (readonly [form: string, test: NodeCase])[] = [
  [
    'in mode "reflect"',
    {
      operator: 'Pad',
      inputs: [noise([4]), integers(1, 1)],
      attributes: { mode: 'reflect' },
    },
  ],
  [
    'with the reduction "mul"',
    {
      operator: 'ScatterND',
      inputs: [noise([4]), constant([1, 1], [2]), noise([1])],
      attributes: { reduction: 'mul' },
    },
  ],
  [
    'in training mode without its mask',
    {
      operator: 'Dropout',
      inputs: [noise([4]), constant([], [0.5], 'float32'), constant([], [1], 'bool')],
    },
  ],
  [
    'in training mode',
    {
      operator: 'BatchNormalization',
      inputs: [noise([2, 3]), noise([3]), noise([3]), noise([3]), noise([3])],
      attributes: { training_mode: 1 },
    },
  ],
  [
    'with a diagonal',
    { operator: 'Einsum', inputs: [noise([3, 3])], attributes: { equation: 'ii->i' } },
  ],
  [
    'with axes that are broadcast',
    {
      operator: 'Einsum',
      inputs: [noise([1, 3]), noise([2, 3])],
      attributes: { equation: 'bi,bi->b' },
    },
  ],
  [
    'with reordered columns (g_idx)',
    {
      operator: 'MatMulNBits',
      domain: 'com.microsoft',
      inputs: [
        noise([1, 16]),
        bytes,
        { ...noise([2]), constant: true },
        null,
        integers(...new Array<number>(16).fill(0)),
      ],
      attributes: packed,
    },
  ],
  [
    'along other axes than rows and their columns',
    {
      operator: 'GatherBlockQuantized',
      domain: 'com.microsoft',
      inputs: [
        constant([16, 8], new Array<number>(128).fill(3), 'uint8'),
        integers(1),
        noise([1, 16]),
      ],
      attributes: { gather_axis: 0, quantize_axis: 0, block_size: 16, bits: 4 },
    },
  ],
  [
    'with auto_pad "SAME"',
    {
      operator: 'Conv',
      inputs: [noise([1, 1, 4]), noise([1, 1, 2])],
      attributes: { auto_pad: 'SAME' },
    },
  ],
  [
    'to a type that is no integer',
    {
      operator: 'QuantizeLinear',
      opset: 21,
      inputs: [noise([4]), noise([])],
      attributes: { output_dtype: DataType.float8e4m3fn },
    },
  ],
];

describe('forms without a gradient', () => {
  it.each(CASES)('%s', (form, test) => {
    expect(() => backward(test)).toThrow(refusal(test.operator, form));
  });

  it('with its mean or deviation as a result', () => {
    const test: NodeCase = {
      operator: 'LayerNormalization',
      inputs: [noise([2, 3]), noise([3])],
      outputs: 3,
    };
    const sentence = refusal('LayerNormalization', 'with its mean or deviation as a result');
    expect(() => backward(test, { y0: 'dy', y2: 'dr' })).toThrow(sentence);
  });

  it('with bounds that the model computes', () => {
    const graph = makeGraph({
      nodes: [makeNode('Slice', ['x', 'start', 'end'], ['y'], {}, '', 'cut')],
      inputs: [
        makeValueInfo('x', DataType.float32, [4]),
        makeValueInfo('start', DataType.int64, [1]),
        makeValueInfo('end', DataType.int64, [1]),
      ],
      outputs: [makeValueInfo('y', DataType.float32, [2])],
    });
    expect(() => withBackward(makeModel(graph, { '': 18 }), { y: 'dy' }, ['x'])).toThrow(
      'The starts of the Slice node "cut" are computed while the model runs, so its gradient cannot be written; export the model with fixed sizes there.',
    );
  });
});
