import { describe, expect, it } from 'vitest';
import { oldClassifier } from '../../../../test/fixtures/old-sets.ts';
import { distance, longs, runModel } from '../../../../test/support/run-model.ts';
import { recognise } from '../../anatomy/recognise.ts';
import { modelSize } from '../../report/size.ts';
import { makeFunction } from '../proto/function.ts';
import { makeNode } from '../graph/make.ts';
import { bytesSource } from '../source.ts';
import { readModel } from '../read.ts';
import type { Model } from '../types.ts';
import { writeModel } from '../write.ts';
import { prepareModel } from './prepare.ts';

const feeds = {
  input_ids: longs(
    [2, 8],
    Array.from({ length: 16 }, (_, k) => (k * 7 + 3) % 40),
  ),
};

const old = oldClassifier(9);

/** Every initializer as a Constant node, as Paddle2ONNX writes them. */
function withConstants(model: Model): Model {
  const { initializers, nodes } = model.graph;
  const constants = initializers.map((tensor) =>
    makeNode('Constant', [], [tensor.name], { value: { ...tensor, name: '' } }),
  );
  return { ...model, graph: { ...model.graph, initializers: [], nodes: [...constants, ...nodes] } };
}

/** Every initializer listed among the inputs, as files before IR 4 had to. */
function withListedWeights(model: Model): Model {
  const listed = model.graph.initializers.map(({ name, dataType, dims }) => ({
    name,
    type: { dataType, dims: dims.map((value) => ({ value })) },
  }));
  const inputs = [...model.graph.inputs, ...listed];
  return { ...model, irVersion: 3, graph: { ...model.graph, inputs } };
}

/** The whole graph as one function of its inputs, the weights in Constant nodes inside. */
function asFunction(model: Model): Model {
  const { graph, opsets } = withConstants(model);
  const [inputs, outputs] = [graph.inputs, graph.outputs].map((list) => list.map((i) => i.name));
  const whole = makeFunction('local', 'whole', { inputs, outputs, opsets, nodes: graph.nodes });
  return {
    ...model,
    opsets: [...opsets, { domain: 'local', version: 1 }],
    functions: [whole],
    graph: {
      ...graph,
      initializers: [],
      nodes: [makeNode('whole', inputs, outputs, {}, 'local', 'it')],
    },
  };
}

const read = async (model: Model): Promise<Model> =>
  readModel(bytesSource(await writeModel(model)));

const sizes = (model: Model) =>
  recognise(model).layers.map(({ role, outFeatures, inFeatures }) => [
    role,
    outFeatures,
    inFeatures,
  ]);

const RAISED = 'The graph was brought from operator set 9 to 13.';

describe('preparing a model', () => {
  it.each([
    ['an old operator set', old, [RAISED]],
    [
      'weights in Constant nodes',
      withConstants(old),
      [RAISED, '19 Constant nodes were turned into initializers, because they hold weights.'],
    ],
    [
      'weights listed as inputs',
      withListedWeights(old),
      ['24 weights were taken from the list of inputs (IR 3).', RAISED],
    ],
    [
      'everything in a function',
      asFunction(old),
      [
        '1 function was inlined (called 1×).',
        RAISED,
        '19 Constant nodes were turned into initializers, because they hold weights.',
      ],
    ],
  ])('brings %s to where it can be seen', async (_what, model, sentences) => {
    const stored = await read(model);
    const prepared = prepareModel(stored);
    expect(prepared.opened).toEqual(sentences);
    expect(sizes(prepared.model)).toEqual(sizes(old));
    expect(modelSize(prepared.model).bytes).toBe((await writeModel(stored)).byteLength);
    const [want, is] = [await runModel(old, feeds), await runModel(prepared.model, feeds)];
    for (const [name, value] of want) expect(distance(value, is.get(name))).toBeLessThan(1e-6);
  });

  it.each([11, 13, 17, 25])('leaves a model of operator set %i as it is', (opset) => {
    const model = oldClassifier(opset);
    expect(prepareModel(model)).toEqual({ model, opened: [] });
    expect(prepareModel(model).model).toBe(model);
  });

  it.each([7, 8, 9, 10])('brings a model of operator set %i up to date', async (opset) => {
    const model = oldClassifier(opset);
    const prepared = prepareModel(model).model;
    expect(sizes(prepared)).toEqual(sizes(oldClassifier(17)));
    const [want, is] = [await runModel(model, feeds), await runModel(prepared, feeds)];
    expect(distance(want.get('logits'), is.get('logits'))).toBeLessThan(1e-6);
  });

  it('goes on where an operator set cannot be raised, and says why', () => {
    const nodes = [...old.graph.nodes, makeNode('Mystery', ['logits'], ['strange'])];
    const { model, opened } = prepareModel({ ...old, graph: { ...old.graph, nodes } });
    expect(model.opsets).toEqual(old.opsets);
    expect(opened).toEqual([
      'The model is written in operator set 9 and could not be brought to 13, because of its Mystery node "strange": what became of it is not known here; export it with operator set 13 or newer.',
    ]);
  });

  it('stores a weight once that several calls of a function hold', async () => {
    const { graph } = prepareModel(await read(twiceAsFunction())).model;
    const large = graph.initializers.filter(({ dims }) => dims.length === 2);
    expect(large.map(({ name }) => name)).toEqual(['first/w']);
  });

  it('writes back what was read as it was', async () => {
    const bytes = await writeModel(asFunction(old));
    const stored = await readModel(bytesSource(bytes));
    prepareModel(stored);
    expect(await writeModel(stored)).toEqual(bytes);
  });
});

/** y = f(f(x)) with f(x) = x·w, w in a Constant node of f. */
function twiceAsFunction(): Model {
  const [first] = old.graph.initializers.filter(({ dims }) => dims.length === 2);
  const f = makeFunction('local', 'f', {
    inputs: ['x'],
    outputs: ['y'],
    opsets: [{ domain: '', version: 13 }],
    nodes: [
      makeNode('Constant', [], ['w'], { value: { ...first, name: '' } }),
      makeNode('MatMul', ['x', 'w'], ['y']),
    ],
  });
  const type = { dataType: 1, dims: [{ symbol: 'n' }, { symbol: 'm' }] };
  return {
    ...old,
    opsets: [
      { domain: '', version: 13 },
      { domain: 'local', version: 1 },
    ],
    functions: [f],
    graph: {
      ...old.graph,
      initializers: [],
      inputs: [{ name: 'x', type }],
      outputs: [{ name: 'y', type }],
      valueInfo: [],
      nodes: [
        makeNode('f', ['x'], ['h'], {}, 'local', 'first'),
        makeNode('f', ['h'], ['y'], {}, 'local', 'second'),
      ],
    },
  };
}
