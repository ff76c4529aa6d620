import { describe, expect, it } from 'vitest';
import { distance, runModel, waves } from '../../../../test/support/run-model.ts';
import { DataType } from '../../tensor/data-type.ts';
import { makeGraph, makeModel, makeNode, makeTensor, makeValueInfo } from '../graph/make.ts';
import type { AttributeInputs } from '../graph/make.ts';
import type { Model, Node, Tensor } from '../types.ts';
import { raiseModel } from './raise.ts';

interface Case {
  readonly op: string;
  readonly from: number;
  readonly to?: number;
  readonly attributes?: AttributeInputs;
  readonly dims?: readonly number[];
  /** Further inputs. */
  readonly weights?: readonly Tensor[];
  readonly outputs?: number;
}

/** One node of an old operator set; the sizes of the input stay open, its rank does not. */
function modelOf({
  op,
  from,
  attributes,
  dims = [2, 3, 4],
  weights = [],
  outputs = 1,
}: Case): Model {
  const made = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const graph = makeGraph({
    nodes: [makeNode(op, ['x', ...weights.map(({ name }) => name)], made, attributes, '', 'it')],
    inputs: [
      makeValueInfo(
        'x',
        DataType.float32,
        dims.map((_, i) => `d${i}`),
      ),
    ],
    outputs: made.map((name) => makeValueInfo(name, op === 'TopK' && name === 'y1' ? 7 : 1)),
    initializers: weights,
  });
  return makeModel(graph, { '': from }, 5);
}

const vector = (name: string, values: readonly number[]): Tensor =>
  makeTensor(name, [values.length], Float32Array.from(values));

const CASES: readonly Case[] = [
  { op: 'Squeeze', from: 7, attributes: { axes: [0] }, dims: [1, 3, 4] },
  { op: 'Squeeze', from: 11, dims: [1, 3, 1] },
  { op: 'Unsqueeze', from: 8, attributes: { axes: [0, 2] } },
  { op: 'Dropout', from: 7, attributes: { ratio: { float: 0.5 } } },
  { op: 'Dropout', from: 10, attributes: { ratio: { float: 0.3 } } },
  { op: 'Clip', from: 7, attributes: { min: { float: -0.25 }, max: { float: 0.5 } } },
  { op: 'Clip', from: 10, attributes: { max: { float: 0.5 } } },
  { op: 'Slice', from: 9, attributes: { starts: [0, 1], ends: [2, 1000], axes: [1, 2] } },
  { op: 'Slice', from: 7, attributes: { starts: [1, -2], ends: [2, 3] } },
  { op: 'Pad', from: 8, attributes: { pads: [0, 1, 0, 0, 0, 2], value: { float: 1.5 } } },
  { op: 'Pad', from: 10, attributes: { pads: [0, 1, 0, 0, 0, 2], mode: 'edge' } },
  { op: 'TopK', from: 9, attributes: { k: 2, axis: 1 }, outputs: 2 },
  { op: 'Split', from: 12, attributes: { axis: 1, split: [1, 2] }, outputs: 2 },
  { op: 'Split', from: 11, attributes: { axis: 2 }, outputs: 2 },
  { op: 'Split', from: 11, to: 18, attributes: { axis: 2 }, outputs: 2 },
  { op: 'Split', from: 11, to: 18, attributes: { axis: 1, split: [2, 1] }, outputs: 2 },
  { op: 'ReduceSum', from: 9, attributes: { axes: [1], keepdims: 0 } },
  { op: 'ReduceSum', from: 11 },
  { op: 'ReduceMean', from: 11, to: 18, attributes: { axes: [-1] } },
  { op: 'ReduceL2', from: 9, to: 18, attributes: { axes: [0, 2], keepdims: 0 } },
  { op: 'Softmax', from: 7 },
  { op: 'Softmax', from: 9, attributes: { axis: 2 } },
  { op: 'Softmax', from: 11, attributes: { axis: -1 } },
  { op: 'Softmax', from: 11, attributes: { axis: -2 } },
  { op: 'LogSoftmax', from: 8, attributes: { axis: 0 } },
  { op: 'Hardmax', from: 8, attributes: { axis: 1 } },
  {
    op: 'BatchNormalization',
    from: 7,
    attributes: { epsilon: { float: 0.01 } },
    weights: [
      vector('scale', [1, 2, 3]),
      vector('shift', [0.1, 0.2, 0.3]),
      vector('mean', [0.5, 0, -0.5]),
      vector('variance', [1, 2, 0.5]),
    ],
  },
  {
    op: 'Upsample',
    from: 7,
    attributes: { mode: 'nearest', scales: { floats: [1, 1, 2, 2.5] } },
    dims: [1, 2, 2, 2],
  },
  {
    op: 'Upsample',
    from: 9,
    attributes: { mode: 'linear' },
    weights: [vector('scales', [1, 1, 2, 3])],
    dims: [1, 2, 2, 3],
  },
  {
    op: 'Resize',
    from: 10,
    attributes: { mode: 'nearest' },
    weights: [vector('scales', [1, 1, 3, 2])],
    dims: [1, 1, 2, 3],
  },
];

describe('raising an old operator set', () => {
  it.each(CASES)('keeps what $op $attributes of $from computes', async (test) => {
    const model = modelOf(test);
    const raised = raiseModel(model, test.to ?? 13);
    const feeds = { x: waves(test.dims ?? [2, 3, 4]) };
    const [want, is] = [await runModel(model, feeds), await runModel(raised, feeds)];
    for (const [name, value] of want) {
      expect(is.get(name)?.dims).toEqual(value.dims);
      expect(distance(value, is.get(name))).toBeLessThan(1e-6);
    }
  });

  it('renames Scatter and reaches into sub-graphs', () => {
    const body = makeGraph({
      nodes: [makeNode('Scatter', ['x', 'at', 'x'], ['out'])],
      outputs: [makeValueInfo('out', DataType.float32)],
    });
    const { nodes } = raiseModel(
      inIf(makeNode('If', ['c'], ['y'], { then_branch: body })),
      13,
    ).graph;
    expect(nodes[0].attributes[0]).toMatchObject({
      value: { nodes: [{ opType: 'ScatterElements' }] },
    });
  });

  it('raises the IR version with the set', () => {
    expect(raiseModel(modelOf({ op: 'Relu', from: 8 }), 13)).toMatchObject({
      irVersion: 7,
      opsets: [{ domain: '', version: 13 }],
    });
  });

  it('leaves a model that is new enough as it is', () => {
    const model = modelOf({ op: 'Relu', from: 13 });
    expect(raiseModel(model, 13)).toBe(model);
  });

  it.each([
    [
      { op: 'BatchNormalization', from: 7, attributes: { spatial: 0 } },
      'The model is written in operator set 7 and could not be brought to 13, because of its BatchNormalization node "it": it normalises every place by itself (spatial = 0); export it with operator set 13 or newer.',
    ],
    [
      { op: 'BatchNormalization', from: 9, to: 14, outputs: 5 },
      'The model is written in operator set 9 and could not be brought to 14, because of its BatchNormalization node "it": it is written for training; export it with operator set 14 or newer.',
    ],
    [
      { op: 'Mystery', from: 9 },
      'The model is written in operator set 9 and could not be brought to 13, because of its Mystery node "it": what became of it is not known here; export it with operator set 13 or newer.',
    ],
    [
      { op: 'Add', from: 6 },
      'The model is written in operator set 6 and could not be brought to 13, because of its Add node "it": it changed its meaning in version 7; export it with operator set 13 or newer.',
    ],
  ])('says what stands in the way: %j', (test: Case, sentence) => {
    expect(() => raiseModel(modelOf(test), test.to ?? 13)).toThrow(sentence);
  });
});

function inIf(node: Node): Model {
  const graph = makeGraph({
    nodes: [node],
    inputs: [makeValueInfo('c', DataType.bool, []), makeValueInfo('x', DataType.float32, [2])],
    outputs: [makeValueInfo('y', DataType.float32)],
  });
  return makeModel(graph, { '': 9 });
}
