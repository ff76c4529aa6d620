import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/support/onnx.ts';
import { distance, runModel, waves } from '../../../../test/support/run-model.ts';
import { withOutputs } from '../../../runtime/capture.ts';
import { DataType } from '../../tensor/data-type.ts';
import { readModel } from '../read.ts';
import { bytesSource } from '../source.ts';
import { extractSubgraph } from './extract.ts';
import { makeGraph, makeModel, makeNode, makeTensor, makeValueInfo } from './make.ts';
import { ensureOpset, opsetOf } from './opset.ts';
import { segment } from './segment.ts';

const f32 = DataType.float32;
const weight = makeTensor('w', [2, 2], new Float32Array([1, 2, 3, 4]));
const other = makeTensor('v', [2, 2], new Float32Array([1, 0, 0, 1]));
const body = makeGraph({ nodes: [makeNode('Add', ['h', 'w'], ['i'])], outputs: [{ name: 'i' }] });
const graph = makeGraph({
  nodes: [
    makeNode('MatMul', ['x', 'w'], ['h']),
    makeNode('MatMul', ['x', 'v'], ['g']),
    makeNode('If', ['c'], ['a'], { then_branch: body, else_branch: body }),
    makeNode('Add', ['a', 'g'], ['y']),
  ],
  initializers: [weight, other],
  inputs: [makeValueInfo('x', f32, ['n', 2]), makeValueInfo('c', DataType.bool, [])],
  outputs: [makeValueInfo('y', f32, [undefined, undefined])],
});
const model = makeModel(graph);

describe('extractSubgraph', () => {
  it('takes just what is needed, what sub-graphs capture included', () => {
    const part = extractSubgraph(model, ['h'], ['a']);
    expect(part.graph.nodes).toEqual([graph.nodes[2]]);
    expect(part.graph.initializers).toEqual([weight]);
    expect(part.graph.inputs).toEqual([makeValueInfo('h', f32, ['n', 2]), graph.inputs[1]]);
    expect(part.graph.outputs).toEqual([makeValueInfo('a', f32, [2, 2])]);
  });

  it('keeps an initializer out that is to be an input', () => {
    const part = extractSubgraph(model, ['x', 'w'], ['h']);
    expect(part.graph.initializers).toEqual([]);
    expect(part.graph.inputs.map((info) => info.name)).toEqual(['x', 'w']);
    expect(part.graph.inputs[1]).toEqual(makeValueInfo('w', f32, [2, 2]));
  });

  it('runs alone', async () => {
    const vit = await readModel(bytesSource(fixture('mnist_vit.onnx')));
    const feeds = { image: waves([2, 1, 28, 28]) };
    const inner = '/proj/Add_output_0';
    const deep = '/norm/Add_1_output_0';
    const all = await runModel(withOutputs(vit, [inner, deep]), feeds);
    expect([...all.keys()]).toEqual(['logits', inner, deep]);
    const start = all.get(inner);
    if (!start) throw new Error('no such output');
    const part = extractSubgraph(vit, [inner], [deep]);
    const results = await runModel(part, { [inner]: start });
    expect(distance(results.get(deep), all.get(deep))).toBe(0);
  });

  it('says what cannot be cut', () => {
    expect(() => extractSubgraph(model, ['x'], ['z'])).toThrow(
      'The graph has no value called "z"; take the name from one of its inputs, initializers or node outputs.',
    );
    const odd = makeModel(
      makeGraph({
        nodes: [makeNode('Odd', ['x'], ['u'], {}, 'my'), makeNode('Odd', ['u'], ['y'], {}, 'my')],
        inputs: graph.inputs.slice(0, 1),
        outputs: graph.outputs,
      }),
    );
    expect(() => extractSubgraph(odd, ['u'], ['y'])).toThrow(
      'The model cannot be cut at "u", because the element type of that value could not be inferred; cut at another value.',
    );
  });
});

describe('segment', () => {
  it('says what each part needs, gives and releases', () => {
    const parts = segment(model, [['h'], ['a']]);
    expect(parts.map(({ inputs, outputs, released }) => ({ inputs, outputs, released }))).toEqual([
      { inputs: ['x'], outputs: ['h'], released: [] },
      { inputs: ['c', 'h'], outputs: ['a'], released: ['c', 'h'] },
      { inputs: ['x', 'a'], outputs: ['y'], released: ['x', 'a'] },
    ]);
    expect(parts.map((p) => p.model.graph.nodes.length)).toEqual([1, 1, 2]);
  });

  it('refuses a cut that adds nothing', () => {
    expect(() => segment(model, [['a'], ['h']])).toThrow(
      'Cut 2 ("h") adds no node to what the cuts before it compute; leave it out or move it.',
    );
  });
});

describe('ensureOpset', () => {
  it('adds a missing operator set and leaves a sufficient one', () => {
    const added = ensureOpset(model, 'com.microsoft', 1);
    expect(added.opsets).toEqual([
      { domain: '', version: 17 },
      { domain: 'com.microsoft', version: 1 },
    ]);
    expect(ensureOpset(added, 'com.microsoft', 1)).toBe(added);
    expect(ensureOpset(model, 'ai.onnx', 13)).toBe(model);
    expect(opsetOf(model, 'ai.onnx')).toBe(17);
    expect(opsetOf(model, 'com.microsoft')).toBe(0);
  });

  it('raises ai.onnx, and the IR version with it, when no operator in use changed', () => {
    const raised = ensureOpset(model, '', 21);
    expect(raised.opsets).toEqual([{ domain: '', version: 21 }]);
    expect(raised.irVersion).toBe(10);
    expect(raised.graph).toBe(model.graph);
  });

  it('refuses with the operator that stands in the way, in sub-graphs too', () => {
    const mean = makeNode('ReduceMean', ['h'], ['m'], { axes: [1] });
    const inner = makeGraph({ nodes: [mean], outputs: [{ name: 'm' }] });
    const choose = makeNode('If', ['c'], ['a'], { then_branch: inner, else_branch: inner });
    const nodes = [graph.nodes[0], choose];
    const changed = { ...model, graph: { ...graph, nodes } };
    expect(() => ensureOpset(changed, '', 21)).toThrow(
      'The model uses ai.onnx 17 and version 21 is needed, but ReduceMean changed its meaning in version 18; export the model with opset 21 or newer.',
    );
    const unknown = { ...model, graph: { ...graph, nodes: [makeNode('Det', ['x'], ['y'])] } };
    expect(() => ensureOpset(unknown, '', 21)).toThrow(
      'The model uses ai.onnx 17 and version 21 is needed, but what became of Det is not known here; export the model with opset 21 or newer.',
    );
    expect(() => ensureOpset(model, '', 99)).toThrow(
      'The model uses ai.onnx 17 and version 99 is needed, but only versions up to 25 are known here; export the model with opset 99 or newer.',
    );
  });
});
