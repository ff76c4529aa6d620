import { describe, expect, it } from 'vitest';
import { DataType } from '../../tensor/data-type.ts';
import type { Graph } from '../types.ts';
import { graphAttribute } from './attributes.ts';
import { editGraph } from './edit.ts';
import { indexGraph } from './index-graph.ts';
import { makeGraph, makeNode, makeTensor, makeValueInfo } from './make.ts';
import { topologicalOrder } from './topology.ts';

const f32 = DataType.float32;
const weight = makeTensor('w', [2, 2], new Float32Array([1, 2, 3, 4]));
const spare = makeTensor('spare', [1], new Float32Array([1]));
const matmul = makeNode('MatMul', ['x', 'w'], ['h']);
const relu = makeNode('Relu', ['h'], ['a']);
const branch = makeGraph({
  nodes: [makeNode('Add', ['h', 'a'], ['inner'])],
  outputs: [makeValueInfo('inner', f32)],
});
const choose = makeNode('If', ['c'], ['y'], { then_branch: branch, else_branch: branch });
const graph: Graph = makeGraph({
  nodes: [matmul, relu, choose],
  initializers: [weight, spare],
  inputs: [makeValueInfo('x', f32, ['batch', 2]), makeValueInfo('c', DataType.bool, [])],
  outputs: [makeValueInfo('y', f32, ['batch', 2])],
  valueInfo: [makeValueInfo('h', f32, ['batch', 2]), makeValueInfo('a', f32, ['batch', 2])],
});

describe('indexGraph', () => {
  const index = indexGraph(graph);
  it('finds makers and readers, those inside sub-graphs too', () => {
    expect(index.producer('a')).toEqual({ node: relu, index: 1 });
    expect(index.producer('w')).toBeUndefined();
    expect(index.consumers('h')).toEqual([relu, choose]);
    expect(index.consumerIndices('a')).toEqual([2]);
    expect(index.consumers('inner')).toEqual([]);
    expect(index.useCount('y')).toBe(1);
    expect(index.useCount('spare')).toBe(0);
    expect(index.initializer('w')).toBe(weight);
    expect(index.isGraphInput('x')).toBe(true);
    expect(index.isGraphOutput('y')).toBe(true);
    expect(index.declaredType('h')?.dataType).toBe(f32);
  });
});

describe('editGraph', () => {
  it('gives the same graph back when nothing was edited', () => {
    expect(editGraph(graph).finish()).toBe(graph);
  });

  it('inserts, rewires readers everywhere and keeps what it did not touch', () => {
    const edit = editGraph(graph);
    const scaled = edit.freshName('h');
    expect(scaled).toBe('h_1');
    const scale = makeNode('Neg', ['h'], [scaled]);
    edit.insertAfter(matmul, scale);
    edit.replaceUses('h', scaled, [scale]);
    const next = edit.finish();
    expect(next.nodes.map((n) => n.opType)).toEqual(['MatMul', 'Neg', 'Relu', 'If']);
    expect(next.nodes[0]).toBe(matmul);
    expect(next.nodes[2].inputs).toEqual([scaled]);
    expect(graphAttribute(next.nodes[3], 'then_branch')?.nodes[0].inputs).toEqual([scaled, 'a']);
    expect(next.initializers).toBe(graph.initializers);
    expect(next.valueInfo).toBe(graph.valueInfo);
    expect(graph.nodes[1].inputs).toEqual(['h']);
    expect(branch.nodes[0].inputs).toEqual(['h', 'a']);
  });

  it('puts replacements in topological order wherever they were inserted', () => {
    const edit = editGraph(graph);
    edit.insertBefore(matmul, makeNode('Abs', ['u'], ['v']));
    edit.insertAfter(choose, makeNode('Neg', ['x'], ['u']));
    edit.replaceNode(matmul, makeNode('MatMul', ['v', 'w'], ['h']));
    expect(edit.finish().nodes.map((n) => n.outputs[0])).toEqual(['u', 'v', 'h', 'a', 'y']);
  });

  it('forgets the declared type of a value whose maker was exchanged, unless told it', () => {
    const edit = editGraph(graph);
    edit.replaceNode(matmul, makeNode('MatMul', ['x', 'w'], ['h']));
    expect(edit.finish().valueInfo.map((i) => i.name)).toEqual(['a']);
    edit.setValueInfo(makeValueInfo('h', f32, [1, 2]));
    expect(edit.finish().valueInfo.map((i) => i.name)).toEqual(['h', 'a']);
    edit.dropValueInfo();
    expect(edit.finish().valueInfo).toEqual([]);
  });

  it('keeps public output names when another value is to be delivered', () => {
    const edit = editGraph(graph);
    const neg = makeNode('Neg', ['y'], ['negated']);
    edit.insertAfter(choose, neg);
    edit.replaceUses('y', 'negated', [neg]);
    const next = edit.finish();
    expect(next.outputs).toBe(graph.outputs);
    expect(next.nodes[2].outputs).toEqual(['y_before']);
    expect(next.nodes[3].inputs).toEqual(['y_before']);
    expect(next.nodes[3].outputs).toEqual(['y']);
  });

  it('copies a value that cannot take an output name', () => {
    const edit = editGraph(graph);
    edit.replaceUses('y', 'x');
    edit.removeUnused();
    const next = edit.finish();
    expect(next.nodes.map((n) => [n.opType, n.inputs[0], n.outputs[0]])).toEqual([
      ['Identity', 'x', 'y'],
    ]);
    expect(next.initializers).toEqual([]);
    expect(next.inputs).toEqual(graph.inputs);
  });

  it('renames a value at its definition and every use', () => {
    const edit = editGraph(graph);
    edit.renameValue('h', 'hidden');
    edit.renameValue('x', 'input');
    edit.renameValue('w', 'weight');
    const next = edit.finish();
    expect(next.nodes[0].inputs).toEqual(['input', 'weight']);
    expect(next.nodes[0].outputs).toEqual(['hidden']);
    expect(graphAttribute(next.nodes[2], 'else_branch')?.nodes[0].inputs).toEqual(['hidden', 'a']);
    expect(next.inputs[0].name).toBe('input');
    expect(next.initializers[0]).toEqual({ ...weight, name: 'weight' });
    expect(next.initializers[0].data).toBe(weight.data);
    expect(next.valueInfo.map((i) => i.name)).toEqual(['hidden', 'a']);
  });

  it('exchanges initializers under the same and under another name', () => {
    const edit = editGraph(graph);
    const same = makeTensor('w', [2, 2], new Float32Array(4));
    edit.replaceInitializer('w', same);
    expect(edit.finish().initializers).toEqual([same, spare]);
    const other = makeTensor('w_q', [2, 2], new Int8Array(4));
    edit.replaceInitializer('w', other);
    const next = edit.finish();
    expect(next.initializers).toEqual([other, spare]);
    expect(next.nodes[0].inputs).toEqual(['x', 'w_q']);
  });

  it('removes dead nodes and initializers, uses in sub-graphs being uses', () => {
    const dead = makeNode('Exp', ['h'], ['nothing']);
    const edit = editGraph({ ...graph, nodes: [...graph.nodes, dead] });
    edit.removeUnused();
    const next = edit.finish();
    expect(next.nodes).toEqual(graph.nodes);
    expect(next.initializers).toEqual([weight]);
  });

  it('keeps initializers among the inputs where the graph does so', () => {
    const legacy = makeGraph({
      ...graph,
      inputs: [...graph.inputs, makeValueInfo('w', f32, [2, 2]), makeValueInfo('spare', f32, [1])],
    });
    const edit = editGraph(legacy);
    edit.replaceInitializer('w', makeTensor('w8', [2, 2], new Int8Array(4)));
    edit.removeUnused();
    edit.addInitializer(makeTensor('extra', [1], new Float32Array(1)));
    const kept = makeNode('Add', ['h', 'extra'], ['b']);
    edit.insertAfter(matmul, kept);
    edit.replaceUses('h', 'b', [kept]);
    const next = edit.finish();
    expect(next.inputs.map((i) => [i.name, i.type?.dataType])).toEqual([
      ['x', f32],
      ['c', DataType.bool],
      ['w8', DataType.int8],
      ['extra', f32],
    ]);
    expect(next.initializers.map((t) => t.name)).toEqual(['w8', 'extra']);
  });

  it('says exactly what a wrong edit broke', () => {
    const removed = editGraph(graph);
    removed.removeNode(matmul);
    expect(() => removed.finish()).toThrow(
      'After the edit the Relu node that makes "a" reads "h", which nothing makes; rewire its readers with replaceUses before removing a node.',
    );
    expect(() => removed.removeNode(matmul)).toThrow(
      'The MatMul node that makes "h" is not (or no longer) part of the graph being edited; take the node from the graph given to editGraph.',
    );
    const output = editGraph(graph);
    output.removeNode(choose);
    expect(() => output.finish()).toThrow(
      'After the edit nothing makes the graph output "y"; rewire it with replaceUses before removing a node.',
    );
    const twice = editGraph(graph);
    twice.insertAfter(relu, makeNode('Neg', ['x'], ['a']));
    expect(() => twice.finish()).toThrow(
      'After the edit "a" is made twice, the second time by a Neg node; remove the old maker or ask freshName for another name.',
    );
    expect(() => twice.addInitializer(makeTensor('x', [1], new Float32Array(1)))).toThrow(
      'The graph already has a value called "x"; ask freshName for a free name.',
    );
    expect(() => twice.renameValue('z', 'q')).toThrow(
      'The graph has no value called "z"; take the name from one of its inputs, initializers or node outputs.',
    );
  });
});

describe('topologicalOrder', () => {
  it('refuses a cycle', () => {
    const nodes = [makeNode('Add', ['x', 'b'], ['a']), makeNode('Neg', ['a'], ['b'])];
    expect(() => topologicalOrder(nodes)).toThrow(
      'The Add node that makes "a" depends on its own output, so the graph has no order to run in; export the model again.',
    );
  });

  it('orders a chain deeper than the call stack', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) =>
      makeNode('Neg', [`v${i}`], [`v${i + 1}`]),
    );
    const ordered = topologicalOrder([...chain].reverse());
    expect(ordered[0]).toBe(chain[0]);
    expect(ordered[19_999]).toBe(chain[19_999]);
  });
});
