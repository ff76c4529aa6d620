import { describe, expect, it } from 'vitest';
import { openVit } from '../../../test/support/tiny-vit.ts';
import { makeNode, makeTensor } from '../onnx/graph/make.ts';
import type { Model } from '../onnx/types.ts';
import { recognise } from './recognise.ts';

/** A vision transformer whose scores are reached by other nodes than its own head's. */
function withEnd(
  change: (scores: string) => Pick<Model['graph'], 'nodes' | 'initializers'>,
): Model {
  const model = openVit();
  const { nodes, initializers } = model.graph;
  const [{ name }] = model.graph.outputs;
  const renamed = nodes.map((node) => ({
    ...node,
    outputs: node.outputs.map((value) => (value === name ? 'scores' : value)),
  }));
  const added = change('scores');
  const graph = {
    ...model.graph,
    nodes: [...renamed, ...added.nodes],
    initializers: [...initializers, ...added.initializers],
  };
  return { ...model, graph };
}

const rolesOf = (model: Model) =>
  Object.fromEntries(recognise(model).layers.map(({ name, role }) => [name, role]));

describe('layers behind the last block', () => {
  const [{ name: output }] = openVit().graph.outputs;
  const head = recognise(openVit()).layers.find(({ role }) => role === 'output-head');

  it('are two heads where their scores are averaged, as in DeiT', () => {
    const values = new Float32Array((head?.outFeatures ?? 0) * (head?.inFeatures ?? 0));
    const dims = [head?.inFeatures ?? 0, head?.outFeatures ?? 0];
    const model = withEnd((scores) => ({
      nodes: [
        makeNode('MatMul', [head?.input ?? '', 'distilled.weight'], ['distilled']),
        makeNode('Add', [scores, 'distilled'], ['sum']),
        makeNode('Div', ['sum', 'two'], [output]),
      ],
      initializers: [
        makeTensor('distilled.weight', dims, values),
        makeTensor('two', [], Float32Array.of(2)),
      ],
    }));
    const roles = rolesOf(model);
    expect(roles['distilled.weight']).toBe('output-head');
    expect(roles[head?.name ?? '']).toBe('output-head');
  });

  it('are projections where what they make is worked on further, and none is called unknown', () => {
    const model = withEnd((scores) => ({
      nodes: [
        makeNode('ReduceL2', [scores], ['norm'], { axes: [-1], keepdims: 1 }),
        makeNode('Div', [scores, 'norm'], [output]),
      ],
      initializers: [],
    }));
    expect(rolesOf(model)[head?.name ?? '']).toBe('projection');
    const found = recognise(model);
    expect(found.layers.find(({ name }) => name === head?.name)?.group).toBe('other');
    expect(found.notes.join(' ')).not.toContain('no known part');
  });
});
