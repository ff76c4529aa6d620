import { describe, expect, it } from 'vitest';
import { runModel, waves } from '../../../../test/support/run-model.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import type { Value } from '../../tensor/values.ts';
import type { AttributeInputs } from '../graph/make.ts';
import { makeGraph, makeModel, makeNode, makeTensor, makeValueInfo } from '../graph/make.ts';
import { MICROSOFT } from '../operators/entry.ts';
import type { Model } from '../types.ts';
import { inferShapes } from './infer.ts';

/** One node with fed inputs; onnxruntime says what its outputs look like. */
interface Case {
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes?: AttributeInputs;
  readonly outputs?: number;
  readonly domain?: string;
}

function bytes(dims: readonly number[], dataType: number = DataType.uint8): Value {
  const data = new Uint8Array(elementCount(dims)).map((_, k) => (k * 29 + 7) % 128);
  return { dataType, dims, data };
}

function ints(dims: readonly number[], values: readonly number[]): Value {
  return { dataType: DataType.int32, dims, data: Int32Array.from(values) };
}

const f = waves;
const [B, S, N, H] = [2, 3, 4, 8];
const D = N * H;

const cases: readonly Case[] = [
  {
    op: 'SkipLayerNormalization',
    inputs: [f([B, S, D]), f([B, S, D]), f([D]), f([D]), f([D])],
    outputs: 4,
  },
  {
    op: 'SkipSimplifiedLayerNormalization',
    inputs: [f([B, S, D]), f([B, S, D]), f([D])],
    outputs: 4,
  },
  {
    op: 'SimplifiedLayerNormalization',
    inputs: [f([B, S, D]), f([D])],
    outputs: 2,
    domain: '',
    attributes: { axis: -1 },
  },
  { op: 'LayerNormalization', inputs: [f([B, S, D]), f([D]), f([D])], outputs: 3, domain: '' },
  { op: 'RMSNormalization', inputs: [f([B, S, D]), f([D])], domain: '' },
  { op: 'FastGelu', inputs: [f([B, S, D]), f([D])] },
  { op: 'BiasGelu', inputs: [f([B, S, D]), f([D])] },
  { op: 'Gelu', inputs: [f([B, S, D])] },
  { op: 'Gelu', inputs: [f([B, S, D])], domain: '' },
  { op: 'QuickGelu', inputs: [f([B, S, D])], attributes: { alpha: { float: 1.7 } } },
  { op: 'FusedMatMul', inputs: [f([B, D, S]), f([B, S, D])], attributes: { transA: 1, transB: 1 } },
  {
    op: 'FusedMatMul',
    inputs: [f([S, B, N, D]), f([B, N, S, D])],
    attributes: { transBatchA: 1, transB: 1 },
  },
  {
    op: 'MatMulNBits',
    inputs: [f([B, S, 64]), bytes([10, 2, 16]), f([10 * 2])],
    attributes: { K: 64, N: 10, bits: 4, block_size: 32 },
  },
  {
    op: 'GatherBlockQuantized',
    inputs: [bytes([10, 32]), ints([B, S], [1, 2, 3, 4, 5, 6]), f([10, 2])],
    attributes: { bits: 4, block_size: 32, gather_axis: 0, quantize_axis: 1 },
  },
  {
    op: 'EmbedLayerNormalization',
    inputs: [
      ints([B, S], [1, 2, 3, 4, 5, 6]),
      ints([B, S], [0, 0, 0, 1, 1, 1]),
      f([10, D]),
      f([6, D]),
      f([2, D]),
      f([D]),
      f([D]),
      ints([B, S], [1, 1, 1, 1, 1, 0]),
    ],
    outputs: 3,
  },
  {
    op: 'Attention',
    inputs: [f([B, S, D]), f([D, 3 * D]), f([3 * D]), undefined, f([2, B, N, 5, H])],
    attributes: { num_heads: N, unidirectional: 1 },
    outputs: 2,
  },
  {
    op: 'MultiHeadAttention',
    inputs: [
      f([B, S, D]),
      f([B, S, D]),
      f([B, S, D]),
      undefined,
      undefined,
      undefined,
      f([B, N, 5, H]),
      f([B, N, 5, H]),
    ],
    attributes: { num_heads: N },
    outputs: 3,
  },
  {
    op: 'MultiHeadAttention',
    inputs: [f([B, S, D]), f([B, 6, D]), f([B, 6, D])],
    attributes: { num_heads: N },
  },
  {
    op: 'MultiHeadAttention',
    inputs: [f([B, S, D]), f([B, N, 6, H]), f([B, N, 6, H])],
    attributes: { num_heads: N },
  },
  {
    op: 'GroupQueryAttention',
    inputs: [
      f([B, 1, D]),
      f([B, 1, 2 * H]),
      f([B, 1, 2 * H]),
      f([B, 2, 5, H]),
      f([B, 2, 5, H]),
      ints([B], [5, 5]),
      ints([1], [6]),
    ],
    attributes: { num_heads: N, kv_num_heads: 2 },
    outputs: 3,
  },
  {
    op: 'GroupQueryAttention',
    inputs: [
      f([B, S, D + 4 * H]),
      undefined,
      undefined,
      f([B, 2, 0, H]),
      f([B, 2, 0, H]),
      ints([B], [2, 2]),
      ints([1], [3]),
    ],
    attributes: { num_heads: N, kv_num_heads: 2 },
    outputs: 3,
  },
  {
    op: 'RotaryEmbedding',
    inputs: [
      f([B, S, D]),
      { dataType: DataType.int64, dims: [1], data: BigInt64Array.of(0n) },
      f([9, H / 2]),
      f([9, H / 2]),
    ],
    attributes: { num_heads: N },
  },
  {
    op: 'Attention',
    inputs: [f([B, N, S, H]), f([B, 2, S, H]), f([B, 2, S, H])],
    outputs: 1,
    domain: '',
  },
  {
    op: 'Attention',
    inputs: [
      f([B, S, D]),
      f([B, S, 2 * H]),
      f([B, S, 2 * H]),
      undefined,
      f([B, 2, 5, H]),
      f([B, 2, 5, H]),
    ],
    attributes: { q_num_heads: N, kv_num_heads: 2 },
    outputs: 3,
    domain: '',
  },
  {
    op: 'QAttention',
    inputs: [
      bytes([B, S, D]),
      bytes([D, 3 * D]),
      f([3 * D]),
      f([1]),
      f([1], 2),
      undefined,
      bytes([1]),
      bytes([1]),
    ],
    attributes: { num_heads: N },
  },
  {
    op: 'QLinearAdd',
    inputs: [bytes([B, S, D]), f([]), bytes([]), bytes([D]), f([]), bytes([]), f([]), bytes([])],
  },
  { op: 'DynamicQuantizeLinear', inputs: [f([B, S])], outputs: 3, domain: '' },
  { op: 'DynamicQuantizeMatMul', inputs: [f([B, S, D]), bytes([D, 5]), f([1])] },
  { op: 'MatMulIntegerToFloat', inputs: [bytes([B, S, D]), bytes([D, 5]), f([1]), f([1])] },
  { op: 'QuantizeLinear', inputs: [f([B, S]), f([1], 3)], domain: '' },
  { op: 'DequantizeLinear', inputs: [bytes([B, S]), f([1])], domain: '' },
];

function modelOf({ op, inputs, attributes, outputs = 1, domain = MICROSOFT }: Case): Model {
  const names = inputs.map((value, i) => (value ? `in${i}` : ''));
  const made = Array.from({ length: outputs }, (_, i) => `out${i}`);
  const infos = inputs.flatMap((value, i) =>
    value ? [makeValueInfo(`in${i}`, value.dataType, value.dims)] : [],
  );
  const node = makeNode(op, names, made, attributes, domain);
  const graph = makeGraph({
    nodes: [node],
    inputs: infos,
    outputs: made.map((name) => ({ name })),
  });
  return makeModel(graph, { '': 23, [MICROSOFT]: 1 }, 10);
}

/** onnxruntime folds nothing here: the values are fed; inference may see them as constants. */
function withValues(model: Model, inputs: Case['inputs']): Model {
  const initializers = inputs.flatMap((value, i) =>
    value?.dataType === DataType.int32 ? [makeTensor(`in${i}`, value.dims, value.data)] : [],
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

describe('fused operators', () => {
  it.each(cases.map((c, i) => ({ ...c, title: `${c.op} (${i})` })))(
    'infers what onnxruntime makes of $title',
    async (c) => {
      const model = modelOf(c);
      const feeds = Object.fromEntries(c.inputs.flatMap((v, i) => (v ? [[`in${i}`, v]] : [])));
      const results = await runModel(model, feeds);
      const shapes = inferShapes(withValues(model, c.inputs));
      expect(results.size).toBe(c.outputs ?? 1);
      for (const [name, value] of results) {
        expect([name, shapes.typeOf(name)]).toEqual([
          name,
          { dataType: value.dataType, dims: value.dims },
        ]);
      }
    },
  );
});
