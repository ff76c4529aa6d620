import { describe, expect, it } from 'vitest';
import { DataType } from '../../tensor/data-type.ts';
import { GraphBuilder } from './graph-builder.ts';

function tiny() {
  const g = new GraphBuilder('tiny');
  const x = g.input('x', 'float32', ['batch', 4]);
  const w = g.floats('w', [4, 2], new Float32Array(8));
  const y = g.scope('mlp', () => g.op('Relu', [g.op('MatMul', [x, w])]));
  g.output(y, 'float32', ['batch', 2], 'y');
  return g;
}

describe('GraphBuilder', () => {
  it('writes nodes in call order with exporter-like names', () => {
    const { graph, opsets } = tiny().finish();
    expect(graph.nodes.map((n) => [n.name, n.inputs, n.outputs])).toEqual([
      ['/mlp/MatMul', ['x', 'w'], ['/mlp/MatMul_output_0']],
      ['/mlp/Relu', ['/mlp/MatMul_output_0'], ['y']],
    ]);
    expect(graph.inputs[0].type).toEqual({
      dataType: DataType.float32,
      dims: [{ symbol: 'batch' }, { value: 4 }],
    });
    expect(opsets).toEqual([{ domain: '', version: 17 }]);
  });

  it('renames an output everywhere it is used', () => {
    const g = new GraphBuilder();
    const a = g.op('Neg', [g.input('x', 'float32', [1])]);
    const b = g.op('Abs', [a]);
    g.output(a, 'float32', [1], 'negated');
    g.output(b, 'float32', [1]);
    const { nodes, outputs } = g.graph();
    expect(nodes[1].inputs).toEqual(['negated']);
    expect(outputs.map((o) => o.name)).toEqual(['negated', '/Abs_output_0']);
  });

  it('takes attributes as makeNode does', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [1]);
    g.op('Any', [x, ''], { f: { float: 1 }, i: 1, s: 'a', is: [1, 2] });
    const kinds = g.graph().nodes[0].attributes.map((a) => [a.name, a.kind]);
    expect(kinds).toEqual([
      ['f', 'float'],
      ['i', 'int'],
      ['s', 'string'],
      ['is', 'ints'],
    ]);
  });

  it('gives repeated names a number and several outputs an index', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    g.op('Neg', [x]);
    g.op('Neg', [x]);
    expect(g.ops('Split', [x], 2)).toEqual(['/Split_output_0', '/Split_output_1']);
    expect(g.graph().nodes.map((n) => n.name)).toEqual(['/Neg', '/Neg_1', '/Split']);
  });

  it('packs integers and keeps sub-byte bytes as given', () => {
    const g = new GraphBuilder();
    g.integers('axes', [-1]);
    g.initializer('q', [3], { dataType: DataType.uint4, bytes: Uint8Array.of(0x21, 0x03) });
    const [axes, q] = g.graph().initializers;
    expect([...(axes.data.readSync?.() ?? [])]).toEqual(Array(8).fill(255));
    expect(q).toMatchObject({ dims: [3], dataType: DataType.uint4 });
  });

  it('refuses unknown values, duplicate names and wrong sizes', () => {
    const g = new GraphBuilder();
    g.input('x', 'float32', [1]);
    expect(() => g.op('Neg', ['z'])).toThrow(
      'The node "/Neg" uses the value "z", which nothing before it makes; add the input, initializer or node that makes it first.',
    );
    expect(() => g.input('x', 'float32', [1])).toThrow(
      'The graph already has a value "x", and ONNX values are assigned only once; choose another name.',
    );
    expect(() => g.floats('w', [2, 2], [1])).toThrow(
      'Tensor "w" of type float32 and shape [2, 2] takes 16 bytes, but 4 were given; pass data that fills the shape exactly.',
    );
  });
});
