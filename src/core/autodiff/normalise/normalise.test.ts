import { describe, expect, it } from 'vitest';
import { formModel } from '../../../../test/fixtures/forms/form.ts';
import type { Form } from '../../../../test/fixtures/forms/form.ts';
import { distance, longs, runModel, waves } from '../../../../test/support/run-model.ts';
import { LatheError } from '../../errors/lathe-error.ts';
import { GraphBuilder } from '../../onnx/build/graph-builder.ts';
import {
  makeGraph,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
} from '../../onnx/graph/make.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Value } from '../../tensor/values.ts';
import { normalise } from './normalise.ts';

const f = waves;
const { float32, int32 } = DataType;

function refusal(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof LatheError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('Nothing was refused.');
}

function ints(...values: number[]): Value {
  return { dataType: int32, dims: [values.length], data: Int32Array.from(values) };
}

const [B, S, N, H, D] = [1, 3, 2, 4, 8];
const row = f([B, S, D]);
const cache = f([B, N, 2, H]);
const total: Value = { dataType: int32, dims: [], data: Int32Array.of(S) };
const none = undefined;

const refused: readonly (readonly [Omit<Form, 'how'>, string])[] = [
  [
    {
      op: 'Attention',
      inputs: [row, f([D, 3 * D]), f([3 * D])],
      attributes: { num_heads: N, do_rotary: 1 },
    },
    'rotates inside; export the model with a rotary embedding of its own.',
  ],
  [
    {
      op: 'Attention',
      inputs: [row, f([D, 3 * D]), f([3 * D]), ints(1, 1, 1, 1, 1)],
      attributes: { num_heads: N },
    },
    'has a mask of size [5], which is not written out here; export the model unfused.',
  ],
  [
    {
      op: 'MultiHeadAttention',
      inputs: [row, row, row, none, { ...ints(1, 1, 1, 1), dims: [1, 4] }],
      attributes: { num_heads: N },
    },
    'has a mask of size [1, 4], which is not written out here; export the model unfused.',
  ],
  [
    {
      op: 'MultiHeadAttention',
      inputs: [row, row, row, none, none, none, cache, cache, ints(2)],
      attributes: { num_heads: N },
    },
    'writes into a cache of fixed size; export the model without a cache.',
  ],
  [
    { op: 'MultiHeadAttention', inputs: [row, row], attributes: { num_heads: N } },
    'has no keys or no values; export the model again.',
  ],
  [
    {
      op: 'GroupQueryAttention',
      inputs: [row, row, row, cache, cache, ints(2), total],
      attributes: { num_heads: N, kv_num_heads: N },
    },
    'reads a cache of 2 positions; give the cache the length 0.',
  ],
  [
    {
      op: 'GroupQueryAttention',
      inputs: [row, row, row, none, none, ints(2), total],
      attributes: { num_heads: N, kv_num_heads: N, smooth_softmax: 1 },
    },
    'uses a sink, a quantized cache or hands out scores, which is not written out here; export the model unfused.',
  ],
  [
    {
      op: 'Attention',
      opset: 24,
      inputs: [f([B, N, S, H]), f([B, N, S, H]), f([B, N, S, H])],
      outputs: [float32, '', '', float32],
    },
    'takes lengths of its keys or hands out scores, which is not written out here; export the model unfused.',
  ],
  [
    {
      op: 'Attention',
      opset: 23,
      inputs: [f([B, N, S, H]), f([B, N, S, H]), f([B, N, S, H]), none, cache, cache],
      attributes: { is_causal: 1 },
    },
    'is causal and reads a cache; export the model without a cache.',
  ],
  [
    {
      op: 'RotaryEmbedding',
      inputs: [row, longs([1], [0]), f([8, 2]), f([8, 2])],
      attributes: { scale: { float: 2 } },
    },
    'scales or packs its batch, which is not written out here; export the model unfused.',
  ],
  [
    { op: 'RelativePositionBias', inputs: [f([8, 2]), longs([1], [4]), longs([1], [4])] },
    'takes its lengths from a run; export the model with fixed lengths.',
  ],
  [
    { op: 'SkipLayerNormalization', inputs: [row, row, f([D])], outputs: [float32, float32] },
    'hands out its mean or deviation, which training does not; export it unfused.',
  ],
  [
    { op: 'FusedMatMul', inputs: [f([2, 3, 4]), f([2, 4, 3])], attributes: { transBatchA: 1 } },
    'moves its batch axes, which is not written out here; export the model unfused.',
  ],
  [
    { op: 'FusedGemm', inputs: [f([2, 3]), f([3, 4])], attributes: { activation: 'Elu' } },
    'holds the activation "Elu", which is not known here; export the model unfused.',
  ],
  [
    {
      op: 'BatchNormalization',
      opset: 15,
      inputs: [f([2, 3]), f([3]), f([3]), f([3]), f([3])],
      attributes: { training_mode: 1 },
    },
    'takes its statistics from the batch; export the model in evaluation mode.',
  ],
];

describe('a form that is not written out', () => {
  it.each(refused)('is refused: %o', (form, reason) => {
    const found = refusal(() => normalise(formModel({ how: '', ...form }), {}));
    const message = `The ${form.op} node "the node" ${reason}`;
    expect(found).toEqual({ code: 'cannot-normalise', message });
  });
});

describe('what stands in the way', () => {
  it('is a size without a number', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['batch', 4]);
    g.output(g.op('Relu', [x]), 'float32', ['batch', 4], 'y');
    const model = g.finish({ opset: 17 });
    expect(refusal(() => normalise(model, { sequence: 3 }))).toEqual({
      code: 'size-open',
      message:
        'The input "x" leaves its size "batch" open, and a training graph is written for fixed sizes; give data that has the array "x", or export the model with a number for "batch".',
    });
    expect(normalise(model, { batch: 2 }).graph.inputs[0].type?.dims?.[0]).toEqual({ value: 2 });
  });

  it('is a size that only a run tells', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [4]);
    const kept = g.op('Compress', [x, g.input('which', 'bool', [4])], { axis: 0 });
    const active = g.op('Gelu', [kept], {}, { domain: 'com.microsoft' });
    g.output(active, 'float32', ['some'], 'y');
    const model = g.finish({ opset: 18, domains: { 'com.microsoft': 1 } });
    expect(refusal(() => normalise(model, {}))).toEqual({
      code: 'normalise-shape-unknown',
      message:
        'The size of "/Compress_output_0" at the Gelu node "/Gelu" is not known before the model runs, so the model cannot be prepared for training; export it with fixed sizes there.',
    });
  });

  it('is not a standard operator of unknown size', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [4]);
    const kept = g.op('Compress', [x, g.input('which', 'bool', [4])], { axis: 0 });
    g.output(g.op('ReduceSum', [g.op('HardSwish', [kept])]), 'float32', [1], 'y');
    const model = g.finish({ opset: 18 });
    expect(normalise(model, {}).graph.nodes).toEqual(model.graph.nodes);
  });

  it('is an operator that meant something else', () => {
    const model = formModel({
      op: 'TopK',
      how: '',
      opset: 9,
      inputs: [f([5])],
      attributes: { k: 2 },
      outputs: [float32, DataType.int64],
    });
    expect(refusal(() => normalise(model, {}))).toEqual({
      code: 'cannot-lift',
      message:
        'The TopK node "the node" was written for operator set 9 and training needs operator set 18, but it changed its meaning in version 10; export the model with operator set 18 or newer.',
    });
  });

  it('is an old operator that is not known, in a branch too', () => {
    const inner = makeGraph({
      nodes: [makeNode('Affine', ['x'], ['z'], {}, '', 'inside')],
      outputs: [makeValueInfo('z', float32, [2])],
    });
    const graph = makeGraph({
      nodes: [makeNode('If', ['which'], ['y'], { then_branch: inner, else_branch: inner })],
      inputs: [makeValueInfo('x', float32, [2]), makeValueInfo('which', DataType.bool, [])],
      outputs: [makeValueInfo('y', float32, [2])],
    });
    expect(refusal(() => normalise(makeModel(graph, { '': 16 }), {}))).toEqual({
      code: 'cannot-lift',
      message:
        'The Affine node "inside" was written for operator set 16 and training needs operator set 18, but what became of it since is not known here; export the model with operator set 18 or newer.',
    });
  });
});

describe('Constant nodes', () => {
  const data = Float32Array.from({ length: 600 }, (_, k) => k);
  const constants = [
    makeNode('Constant', [], ['big'], { value: makeTensor('', [600], data) }),
    makeNode('Constant', [], ['float'], { value_float: { float: 2 } }),
    makeNode('Constant', [], ['floats'], { value_floats: { floats: [1, 2, 3] } }),
    makeNode('Constant', [], ['int'], { value_int: 1 }),
    makeNode('Constant', [], ['ints'], { value_ints: [0, 1] }),
  ];
  const names = constants.map((node) => node.outputs[0]);
  const graph = makeGraph({
    nodes: [
      ...constants,
      ...names.map((name) => makeNode('Cast', [name], [`${name} out`], { to: float32 })),
    ],
    outputs: names.map((name) => makeValueInfo(`${name} out`, float32)),
  });
  const model = makeModel(graph, { '': 13 });
  const normal = normalise(model, {});

  it('become initializers that share their memory', async () => {
    expect(normal.graph.nodes.map(({ opType }) => opType)).not.toContain('Constant');
    const big = normal.graph.initializers.find(({ name }) => name === 'big');
    expect(big?.data.readSync?.().buffer).toBe(data.buffer);
    const [before, after] = [await runModel(model, {}), await runModel(normal, {})];
    for (const { name } of graph.outputs) {
      expect(distance(before.get(name), after.get(name))).toBe(0);
    }
  });
});

describe('names', () => {
  it('of outputs survive, and new ones take none that exists', async () => {
    const g = new GraphBuilder();
    const x = g.input('normal.x', 'float32', [2, 3]);
    g.output(g.op('Dropout', [x]), 'float32', [2, 3], 'same');
    const gelu = g.op('Gelu', [x], {}, { domain: 'com.microsoft' });
    g.output(gelu, 'float32', [2, 3], 'active');
    g.output(g.op('Flatten', [x]), 'float32', [2, 3], 'flat');
    const model = g.finish({ opset: 13, domains: { 'com.microsoft': 1 } });
    const normal = normalise(model, {});
    const made = normal.graph.nodes.flatMap((node) => node.outputs);
    expect(normal.graph.outputs.map(({ name }) => name)).toEqual(['same', 'active', 'flat']);
    expect(new Set(made).size).toBe(made.length);
    const own = made.filter((name) => !['same', 'active', 'flat'].includes(name));
    expect(own.filter((name) => !name.startsWith('normal1.'))).toEqual([]);
    const results = await runModel(normal, { 'normal.x': f([2, 3]) });
    expect(results.get('flat')?.data).toEqual(f([2, 3]).data);
  });

  it('leave the given model as it was', () => {
    const model = formModel({ op: 'Gelu', how: '', inputs: [row] });
    const before = structuredClone(model.graph.nodes);
    normalise(model, {});
    expect(model.graph.nodes).toEqual(before);
  });
});
