import { describe, expect, it } from 'vitest';
import {
  differences,
  gradientsOf,
  numbers,
  relativeDistance,
  withBackward,
} from '../../../test/support/gradient.ts';
import { f64 } from '../../../test/support/interpret/value.ts';
import { makeGraph, makeModel, makeNode, makeTensor, makeValueInfo } from '../onnx/graph/make.ts';
import type { Model, Node } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';

const DIMS = [2, 3];

/** A model over x, w [2, 3] in float64 with the output y. */
function modelOf(nodes: readonly Node[], outputs: readonly string[] = ['y']): Model {
  const inputs = ['x', 'w'].map((name) => makeValueInfo(name, DataType.float64, DIMS));
  const initializers = [makeTensor('two', [], Float64Array.of(2))];
  const graph = makeGraph({
    nodes,
    inputs,
    initializers,
    outputs: outputs.map((name) => ({ name })),
  });
  return makeModel(graph, { '': 18 });
}

const node = (type: string, inputs: readonly string[], outputs: readonly string[]) =>
  makeNode(type, inputs, outputs, {}, '', `the ${type}`);

const feeds = {
  x: f64(DIMS, numbers(6, 1, 0.2, 1), DataType.float64),
  w: f64(DIMS, numbers(6, 2, 0.2, 1), DataType.float64),
};

const seed = (count: number, dims = DIMS) => f64(dims, numbers(count, 3), DataType.float64);

function check(model: Model, outputs: readonly string[]): void {
  const upstream = Object.fromEntries(outputs.map((name) => [name, seed(6)]));
  const found = gradientsOf(model, feeds, upstream, ['x', 'w']);
  for (const name of ['x', 'w']) {
    const expected = differences(model, feeds, upstream, name);
    expect(relativeDistance(found.get(name)?.data ?? [], expected)).toBeLessThan(1e-8);
  }
}

describe('differentiate', () => {
  it('adds up what arrives at a value that is read more than once', () => {
    check(
      modelOf([
        node('Mul', ['x', 'x'], ['square']),
        node('Mul', ['square', 'w'], ['a']),
        node('Sin', ['square'], ['b']),
        node('Add', ['a', 'b'], ['c']),
        node('Sub', ['c', 'x'], ['d']),
        node('Div', ['d', 'w'], ['y']),
      ]),
      ['y'],
    );
  });

  it('takes several seeds, one of them at a value on the way', () => {
    const nodes = [node('Mul', ['x', 'w'], ['a']), node('Exp', ['a'], ['y'])];
    check(modelOf(nodes, ['y', 'a']), ['y', 'a']);
  });

  it('takes a wanted value that is itself on the way to another', () => {
    const nodes = [node('Mul', ['x', 'w'], ['a']), node('Exp', ['a'], ['y'])];
    const model = modelOf(nodes);
    const found = gradientsOf(model, feeds, { y: seed(6) }, ['a', 'x']);
    const a = feeds.x.data.map((x, i) => x * feeds.w.data[i]);
    const da = numbers(6, 3).map((dy, i) => dy * Math.exp(a[i]));
    expect(relativeDistance(found.get('a')!.data, da)).toBeLessThan(1e-12);
    const dx = da.map((d, i) => d * feeds.w.data[i]);
    expect(relativeDistance(found.get('x')!.data, dx)).toBeLessThan(1e-12);
  });

  it('writes nothing for values that nobody asked about', () => {
    const nodes = [node('MatMul', ['x', 't'], ['y']), node('Transpose', ['w'], ['t'])];
    const { result, model } = withBackward(modelOf(nodes.reverse()), { y: 'dy' }, ['x']);
    expect([...result.gradients.keys()]).toEqual(['x']);
    const backward = model.graph.nodes.slice(2);
    expect(backward.map(({ opType }) => opType)).toEqual(['Gemm']);
  });

  it('ends a path where the derivative is zero, and says so', () => {
    const nodes = [
      node('Floor', ['x'], ['steps']),
      node('Mul', ['steps', 'w'], ['a']),
      node('Mul', ['a', 'two'], ['y']),
    ];
    const { result } = withBackward(modelOf(nodes), { y: 'dy' }, ['x', 'w']);
    expect([...result.gradients.keys()]).toEqual(['w']);
    expect(result.cuts).toEqual([
      {
        node: 'the Floor',
        operator: 'Floor',
        reason: 'it is constant between its jumps, so its derivative is zero wherever it exists',
      },
    ]);
  });

  it('does not follow truth values and whole numbers', () => {
    const nodes = [
      node('Greater', ['x', 'two'], ['more']),
      node('Where', ['more', 'x', 'w'], ['y']),
    ];
    check(modelOf(nodes), ['y']);
  });

  it('names an operator without a gradient', () => {
    const model = modelOf([node('Det', ['x'], ['d']), node('Mul', ['d', 'w'], ['y'])]);
    expect(() => withBackward(typed(model, 'd'), { y: 'dy' }, ['x'])).toThrow(
      'The operator Det (node "the Det") lies between the weights and the loss, and no gradient is known for it; train layers behind it only, or export the model without it.',
    );
  });

  it('does not ask for a rule that no wanted value needs', () => {
    const model = modelOf([node('Det', ['x'], ['d']), node('Mul', ['d', 'w'], ['y'])]);
    const { result } = withBackward(typed(model, 'd'), { y: 'dy' }, ['w']);
    expect([...result.gradients.keys()]).toEqual(['w']);
  });

  it('names a value whose size only a run would tell', () => {
    const nodes = [
      node('NonZero', ['w'], ['places']),
      node('Transpose', ['places'], ['rows']),
      node('GatherND', ['x', 'rows'], ['some']),
      node('Exp', ['some'], ['powers']),
      node('Mul', ['powers', 'two'], ['double']),
      node('ReduceSum', ['double'], ['y']),
    ];
    expect(() => withBackward(modelOf(nodes), { y: 'dy' }, ['x'])).toThrow(
      'The size of "double", which the ReduceSum node "the ReduceSum" reads, is not known before the model runs, so its gradient cannot be written; export the model with fixed sizes there.',
    );
  });
});

/** The model with a value's type declared, as for an operator whose shape is not inferred. */
function typed(model: Model, name: string): Model {
  const valueInfo = [makeValueInfo(name, DataType.float64, DIMS)];
  const y = makeValueInfo('y', DataType.float64, DIMS);
  return { ...model, graph: { ...model.graph, valueInfo, outputs: [y] } };
}
