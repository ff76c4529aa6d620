import { describe, expect, it } from 'vitest';
import { distance, runModel, waves } from '../../../../test/support/run-model.ts';
import { DataType } from '../../tensor/data-type.ts';
import {
  makeAttribute,
  makeGraph,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
} from '../graph/make.ts';
import { makeFunction } from '../proto/function.ts';
import { bytesSource } from '../source.ts';
import { readModel } from '../read.ts';
import { validateModel } from '../validate.ts';
import { writeModel } from '../write.ts';
import type { Attribute, FunctionDefinition, Model, Node } from '../types.ts';
import { inlineFunctions } from './inline.ts';

const SET = [{ domain: '', version: 17 }];
const LOCAL = [...SET, { domain: 'local', version: 1 }];

/** y = nodes(x), both float32 [2, 3], with functions of the domain "local". */
function modelOf(
  nodes: readonly Node[],
  functions: readonly FunctionDefinition[],
  opset = 17,
): Model {
  const shape = [2, 3];
  const graph = makeGraph({
    nodes,
    inputs: [makeValueInfo('x', DataType.float32, shape)],
    outputs: [makeValueInfo('y', DataType.float32, shape)],
  });
  return { ...makeModel(graph, { '': opset, local: 1 }), functions };
}

const call = (name: string, inputs: string[], outputs: string[], attributes = {}, label = '') =>
  makeNode(name, inputs, outputs, attributes, 'local', label);

const reference = (name: string, value: string, attributeType: number): Attribute => ({
  name,
  kind: 'reference',
  value,
  attributeType,
});

const FLOAT = 1;
const INT = 2;

/** leaky(x) = LeakyRelu(x, alpha = slope), slope 0.25 unless the call says otherwise. */
const leaky = makeFunction('local', 'leaky', {
  inputs: ['x'],
  outputs: ['y'],
  opsets: SET,
  defaults: [makeAttribute('slope', { float: 0.25 })],
  nodes: [
    {
      ...makeNode('LeakyRelu', ['x'], ['y']),
      attributes: [reference('alpha', 'slope', FLOAT)],
    },
  ],
});

/** twice(x) = leaky(leaky(x)) + x, with an inner value called like the model's input. */
const twice = makeFunction('local', 'twice', {
  inputs: ['given'],
  outputs: ['y'],
  opsets: LOCAL,
  nodes: [
    call('leaky', ['given'], ['x'], { slope: { float: 0.5 } }),
    call('leaky', ['x'], ['z']),
    makeNode('Add', ['z', 'given'], ['y']),
  ],
});

/** What onnxruntime, which knows functions itself, makes of the model before and after. */
async function equals(model: Model): Promise<void> {
  const stored = await readModel(bytesSource(await writeModel(model)));
  const { model: inlined } = inlineFunctions(stored);
  validateModel(inlined);
  expect(inlined.functions).toEqual([]);
  expect(inlined.opsets.map(({ domain }) => domain)).toEqual(['']);
  const feeds = { x: waves([2, 3]) };
  const [want, is] = [await runModel(stored, feeds), await runModel(inlined, feeds)];
  expect(distance(want.get('y'), is.get('y'))).toBe(0);
}

describe('inlining functions', () => {
  it('unfolds nested calls with attributes that are given, defaulted and left out', async () => {
    await equals(
      modelOf([call('twice', ['x'], ['h']), call('twice', ['h'], ['y'])], [leaky, twice]),
    );
  });

  it('says how many functions and calls there were', () => {
    const model = modelOf(
      [call('twice', ['x'], ['h']), call('twice', ['h'], ['y'])],
      [leaky, twice],
    );
    expect(inlineFunctions(model)).toMatchObject({
      functions: ['leaky', 'twice'],
      calls: 6,
      left: [],
    });
  });

  it('leaves a model that calls none of its functions as it is', () => {
    const model = modelOf([makeNode('Relu', ['x'], ['y'])], [leaky]);
    expect(inlineFunctions(model).model).toBe(model);
  });

  it('copies an output that is an input, and one that is delivered twice', async () => {
    const both = makeFunction('local', 'both', {
      inputs: ['a'],
      outputs: ['a', 'b', 'b'],
      opsets: SET,
      nodes: [makeNode('Neg', ['a'], ['b'])],
    });
    const sum = makeNode('Sum', ['p', 'q', 'r'], ['y']);
    const model = modelOf([call('both', ['x'], ['p', 'q', 'r']), sum], [both]);
    validateModel(inlineFunctions(model).model);
    const out = await runModel(inlineFunctions(model).model, { x: waves([2, 3]) });
    const negated = Float32Array.from(
      Array.from(waves([2, 3]).data as Float32Array, Number),
      (v) => -v,
    );
    expect(distance(out.get('y'), { dataType: 1, dims: [2, 3], data: negated })).toBe(0);
  });

  it('hands on inputs that a call leaves out', async () => {
    const clip = makeFunction('local', 'clip', {
      inputs: ['v', 'low', 'high'],
      outputs: ['w'],
      opsets: SET,
      nodes: [makeNode('Clip', ['v', 'low', 'high'], ['w'])],
    });
    const high = makeNode('Constant', [], ['half'], {
      value: makeTensor('', [], Float32Array.of(0.5)),
    });
    const model = modelOf([high, call('clip', ['x', '', 'half'], ['y'])], [clip]);
    const out = await runModel(inlineFunctions(model).model, { x: waves([2, 3]) });
    const values = Float32Array.from(Array.from(waves([2, 3]).data as Float32Array, Number), (v) =>
      Math.min(0.5, v),
    );
    expect(distance(out.get('y'), { dataType: 1, dims: [2, 3], data: values })).toBe(0);
  });

  it('renames what graphs inside a function define and capture, in each call', async () => {
    const branch = (op: string) =>
      makeGraph({
        nodes: [makeNode('Mul', ['v', 'v'], ['inner']), makeNode(op, ['inner'], ['end'])],
        outputs: [makeValueInfo('end', DataType.float32, [2, 3])],
      });
    const choose = makeFunction('local', 'choose', {
      inputs: ['v'],
      outputs: ['w'],
      attributes: ['which'],
      opsets: SET,
      nodes: [
        {
          ...makeNode('Constant', [], ['one']),
          attributes: [reference('value_int', 'which', INT)],
        },
        makeNode('Cast', ['one'], ['flag'], { to: DataType.bool }),
        makeNode('If', ['flag'], ['w'], {
          then_branch: branch('Sqrt'),
          else_branch: branch('Neg'),
        }),
      ],
    });
    const nodes = [
      call('choose', ['x'], ['v'], { which: 1 }),
      call('choose', ['v'], ['y'], { which: 0 }),
    ];
    await equals(modelOf(nodes, [choose]));
  });

  it('takes a graph that a call gives as attribute with the names of the caller', () => {
    const body = makeGraph({
      nodes: [makeNode('Relu', ['x'], ['out'])],
      outputs: [makeValueInfo('out', DataType.float32, [2, 3])],
    });
    const run = makeFunction('local', 'run', {
      inputs: ['x'],
      outputs: ['w'],
      opsets: SET,
      nodes: [
        {
          ...makeNode('If', ['x'], ['w']),
          attributes: [reference('then_branch', 'body', 5), reference('else_branch', 'body', 5)],
        },
      ],
    });
    const model = modelOf(
      [makeNode('Identity', ['x'], ['flag']), call('run', ['flag'], ['y'], { body }, 'go')],
      [run],
    );
    const [, choice] = inlineFunctions(model).model.graph.nodes;
    expect(choice).toMatchObject({ name: 'go/If', inputs: ['flag'], outputs: ['y'] });
    expect(choice.attributes.map(({ name }) => name)).toEqual(['then_branch', 'else_branch']);
    expect(choice.attributes[0]).toMatchObject({ value: { nodes: [{ inputs: ['x'] }] } });
  });

  it('brings a function of an older operator set to the model’s', async () => {
    const old = makeFunction('local', 'old', {
      inputs: ['v'],
      outputs: ['w'],
      opsets: [{ domain: '', version: 12 }],
      nodes: [
        makeNode('Unsqueeze', ['v'], ['u'], { axes: [0] }),
        makeNode('Squeeze', ['u'], ['w'], { axes: [0] }),
      ],
    });
    const { model } = inlineFunctions(modelOf([call('old', ['x'], ['y'])], [old]));
    const out = await runModel(model, { x: waves([2, 3]) });
    expect(distance(out.get('y'), waves([2, 3]))).toBe(0);
  });

  it('leaves a function whose operators have no equal in the model’s set, with the reason', () => {
    const old = makeFunction('local', 'old', {
      inputs: ['v'],
      outputs: ['w'],
      opsets: [{ domain: '', version: 8 }],
      nodes: [makeNode('Scan', ['v'], ['w'], {}, '', 'walk')],
    });
    const model = modelOf(
      [call('old', ['x'], ['h']), call('twice', ['h'], ['y'])],
      [old, leaky, twice],
    );
    const { model: inlined, functions, left } = inlineFunctions(model);
    expect(functions).toEqual(['leaky', 'twice']);
    expect(inlined.functions.map(({ name }) => name)).toEqual(['old']);
    expect(left).toEqual([
      {
        name: 'old',
        reason:
          'The model is written in operator set 8 and could not be brought to 17, because of its Scan node "walk": it changed its meaning in version 9; export it with operator set 17 or newer.',
      },
    ]);
  });

  it('refuses a function that calls itself', () => {
    const pass = (name: string, next: string) =>
      makeFunction('local', name, {
        inputs: ['v'],
        outputs: ['w'],
        opsets: LOCAL,
        nodes: [call(next, ['v'], ['w'])],
      });
    const model = modelOf([call('a', ['x'], ['y'])], [pass('a', 'b'), pass('b', 'a')]);
    expect(() => inlineFunctions(model)).toThrow(
      'The function "a" calls itself ("a" → "b" → "a"), so it never ends and the model cannot run; export the model again without functions.',
    );
  });

  it('bounds functions that multiply', () => {
    const doubling = Array.from({ length: 30 }, (_, i) =>
      makeFunction('local', `f${i}`, {
        inputs: ['v'],
        outputs: ['w'],
        opsets: LOCAL,
        nodes: [
          call(`f${i + 1}`, ['v'], ['u']),
          i === 29 ? makeNode('Neg', ['u'], ['w']) : call(`f${i + 1}`, ['u'], ['w']),
        ],
      }),
    );
    const last = makeFunction('local', 'f30', {
      inputs: ['v'],
      outputs: ['w'],
      opsets: SET,
      nodes: [makeNode('Neg', ['v'], ['w'])],
    });
    expect(() => inlineFunctions(modelOf([call('f0', ['x'], ['y'])], [...doubling, last]))).toThrow(
      'The model has more than 500000 nodes, attributes and other parts',
    );
  });
});
