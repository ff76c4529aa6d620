import { describe, expect, it } from 'vitest';
import { runModel, waves } from '../../../../test/support/run-model.ts';
import { DataType } from '../../tensor/data-type.ts';
import { makeGraph, makeModel, makeNode, makeTensor, makeValueInfo } from '../graph/make.ts';
import type { Model, Node, Tensor, ValueInfo } from '../types.ts';
import { foldConstants } from './fold.ts';
import { inferShapes } from './infer.ts';

const f32 = DataType.float32;
const longs = (name: string, ...values: number[]): Tensor =>
  makeTensor(name, [values.length], BigInt64Array.from(values, BigInt));
const scalar = (name: string, value: number): Tensor =>
  makeTensor(name, [], BigInt64Array.of(BigInt(value)));

function modelOf(
  nodes: readonly Node[],
  inputs: readonly ValueInfo[],
  outputs: readonly string[],
  initializers: readonly Tensor[] = [],
): Model {
  const made = outputs.map((name) => ({ name }));
  return makeModel(makeGraph({ nodes, inputs, outputs: made, initializers }));
}

/** x [batch, sequence, 12] → heads [batch, 3, sequence, 4], written as PyTorch's exporter does. */
const heads = modelOf(
  [
    makeNode('Shape', ['x'], ['shape']),
    makeNode('Gather', ['shape', 'zero'], ['batch']),
    makeNode('Gather', ['shape', 'one'], ['length']),
    makeNode('Unsqueeze', ['batch', 'axes'], ['b']),
    makeNode('Unsqueeze', ['length', 'axes'], ['s']),
    makeNode('Concat', ['b', 's', 'three', 'four'], ['target'], { axis: 0 }),
    makeNode('Reshape', ['x', 'target'], ['split']),
    makeNode('Transpose', ['split'], ['heads'], { perm: [0, 2, 1, 3] }),
  ],
  [makeValueInfo('x', f32, ['batch', 'sequence', 12])],
  ['heads'],
  [scalar('zero', 0), scalar('one', 1), longs('axes', 0), longs('three', 3), longs('four', 4)],
);

describe('inferShapes', () => {
  it('carries symbols through shape arithmetic', () => {
    const shapes = inferShapes(heads);
    expect(shapes.typeOf('heads')).toEqual({ dataType: f32, dims: ['batch', 3, 'sequence', 4] });
    expect(shapes.constant('target')).toBeUndefined();
    const bound = inferShapes(heads, { batch: 2, sequence: 5 });
    expect(bound.typeOf('heads')?.dims).toEqual([2, 3, 5, 4]);
    expect(bound.constant('target')).toEqual({
      dataType: DataType.int64,
      dims: [4],
      data: BigInt64Array.of(2n, 5n, 3n, 4n),
    });
  });

  it('keeps expressions of symbols', () => {
    const model = modelOf(
      [
        makeNode('Concat', ['past', 'x'], ['all'], { axis: 1 }),
        makeNode('Concat', ['all', 'x'], ['more'], { axis: 1 }),
        makeNode('Slice', ['more', 'one', 'open', 'one'], ['rest']),
        makeNode('Reshape', ['more', 'flat'], ['rows']),
      ],
      [
        makeValueInfo('past', f32, ['b', 'past_sequence_length', 4]),
        makeValueInfo('x', f32, ['b', 'sequence_length', 4]),
      ],
      ['rest', 'rows'],
      [longs('one', 1), longs('open', Number.MAX_SAFE_INTEGER), longs('flat', -1, 4)],
    );
    const shapes = inferShapes(model);
    expect(shapes.typeOf('all')?.dims[1]).toBe('past_sequence_length + sequence_length');
    expect(shapes.typeOf('rest')?.dims[1]).toBe('past_sequence_length + 2*sequence_length - 1');
    expect(shapes.typeOf('rows')?.dims).toEqual([
      'b*past_sequence_length + 2*b*sequence_length',
      4,
    ]);
    const bound = inferShapes(model, { b: 2, past_sequence_length: 3, sequence_length: 1 });
    expect(bound.typeOf('rows')?.dims).toEqual([10, 4]);
  });

  it('names the sizes an input leaves open, so that they can be bound', () => {
    const model = modelOf(
      [makeNode('Flatten', ['image'], ['y'])],
      [makeValueInfo('image', f32, [undefined, 1, 28, 28])],
      ['y'],
    );
    expect(inferShapes(model).typeOf('y')?.dims).toEqual(['image.0', 784]);
    expect(inferShapes(model, { 'image.0': 3 }).typeOf('y')?.dims).toEqual([3, 784]);
    const folded = foldConstants(model, { 'image.0': 3 });
    expect(folded.graph.inputs[0]).toEqual(makeValueInfo('image', f32, [3, 1, 28, 28]));
  });

  it('says nothing of unknown operators but what the file declares', () => {
    const model = modelOf(
      [makeNode('Odd', ['x'], ['u', 'v'], {}, 'my.domain'), makeNode('Relu', ['v'], ['y'])],
      [makeValueInfo('x', f32, [2])],
      ['y'],
    );
    const valueInfo = [makeValueInfo('v', DataType.float16, ['n', 3])];
    const shapes = inferShapes({ ...model, graph: { ...model.graph, valueInfo } }, { n: 4 });
    expect(shapes.typeOf('u')).toBeUndefined();
    expect(shapes.dataTypeOf('u')).toBeUndefined();
    expect(shapes.typeOf('y')).toEqual({ dataType: DataType.float16, dims: [4, 3] });
    expect(shapes.typeOf('nowhere')).toBeUndefined();
  });

  it('follows the branch that is taken, else what both have in common', () => {
    const branch = (name: string, size: number) =>
      makeGraph({
        nodes: [makeNode('ConstantOfShape', ['shape'], [name])],
        initializers: [longs('shape', 2, size)],
        outputs: [{ name }],
      });
    const choose = makeNode('If', ['c'], ['y'], {
      then_branch: branch('t', 3),
      else_branch: branch('e', 4),
    });
    const open = modelOf([choose], [makeValueInfo('c', DataType.bool, [])], ['y']);
    expect(inferShapes(open).typeOf('y')).toEqual({ dataType: f32, dims: [2, undefined] });
    const no = makeTensor('c', [], { dataType: DataType.bool, bytes: Uint8Array.of(0) });
    expect(inferShapes(modelOf([choose], [], ['y'], [no])).typeOf('y')?.dims).toEqual([2, 4]);
  });
});

describe('foldConstants', () => {
  it('leaves one Reshape and its constant once sizes are bound', async () => {
    const folded = foldConstants(heads, { batch: 2, sequence: 5 });
    expect(folded.graph.nodes.map((node) => node.opType)).toEqual(['Reshape', 'Transpose']);
    expect(folded.graph.initializers.map((tensor) => tensor.name)).toEqual(['target']);
    expect(folded.graph.inputs).toEqual([makeValueInfo('x', f32, [2, 5, 12])]);
    const feeds = { x: waves([2, 5, 12]) };
    expect(await runModel(folded, feeds)).toEqual(await runModel(heads, feeds));
  });

  it('gives the model back when there is nothing to fold', () => {
    expect(foldConstants(heads)).toBe(heads);
  });

  it('keeps nodes that make graph outputs', () => {
    const model = modelOf([makeNode('Shape', ['x'], ['y'])], [makeValueInfo('x', f32, [2])], ['y']);
    expect(foldConstants(model)).toBe(model);
  });

  it('never unpacks what is stored packed', () => {
    const packed = makeTensor('packed', [512], new Uint8Array(512).fill(3));
    const model = modelOf(
      [makeNode('Cast', ['packed'], ['w'], { to: f32 }), makeNode('Mul', ['x', 'w'], ['y'])],
      [makeValueInfo('x', f32, [512])],
      ['y'],
      [packed],
    );
    expect(foldConstants(model)).toBe(model);
  });
});
