import { describe, expect, it } from 'vitest';
import { FORMAT_CASES } from '../../../test/fixtures/methods/format-cases.ts';
import { oneLayerModel, randomFloats, seeded } from '../../../test/fixtures/methods/models.ts';
import type { Layer } from '../anatomy/types.ts';
import type { EncodedWeight, UniformWeight } from '../methods/encoding.ts';
import { exportLayers } from '../methods/export/apply.ts';
import { fromHalf } from '../methods/half.ts';
import { meta } from '../methods/quantization/round-to-nearest/meta.ts';
import { float16 } from '../methods/quantization/float16/float16.ts';
import { roundToNearest } from '../methods/quantization/round-to-nearest/round-to-nearest.ts';
import { readWeight } from '../methods/weight.ts';
import { decodeWeight as decodeBefore } from '../methods/decode.ts';
import { GraphBuilder } from '../onnx/build/graph-builder.ts';
import type { Model } from '../onnx/types.ts';
import { memoryData } from '../onnx/tensor-data.ts';
import { writeModel } from '../onnx/write.ts';
import { fromFloat32 } from '../tensor/convert.ts';
import { DataType } from '../tensor/data-type.ts';
import { decodeWeight, fillingsOf, writeEncodings, type Coded, type Encoded } from './index.ts';

const context = { random: { next: seeded(3) } };

/** The expression that today's three kinds are. */
function expression(encoded: EncodedWeight, dataType: number): Encoded {
  if (encoded.kind === 'uniform') return codedFrom(encoded);
  if (encoded.kind === 'dense') return { kind: 'plain', dataType, values: encoded.values };
  const values = encoded.values && fromHalf(encoded.values);
  return { kind: 'plain', dataType: DataType.float16, values };
}

function codedFrom(encoded: UniformWeight): Coded {
  const { bits, granularity, groupSize, symmetric, scaleType, codes, scales, zeros } = encoded;
  return {
    ...{ kind: 'coded', grid: 'integer', bits, granularity, groupSize, codes },
    scales: {
      dataType: scaleType === 'float16' ? DataType.float16 : DataType.float32,
      values: scales,
    },
    ...(!symmetric && {
      zeros: { dataType: DataType.uint8, values: zeros && Float32Array.from(zeros) },
    }),
  };
}

interface Pair {
  readonly layer: Layer;
  readonly planned: EncodedWeight;
  readonly real: EncodedWeight;
  readonly dataType?: number;
}

/** The two writers on the same layers: filled, planned, and planned and then filled. */
async function compare(model: Model, pairs: readonly Pair[]): Promise<void> {
  const before = exportLayers(
    model,
    pairs.map(({ layer, real }) => ({ layer, encoded: real })),
  );
  const layers = (which: 'real' | 'planned') =>
    pairs.map(({ layer, dataType = DataType.float32, ...pair }) => ({
      layer,
      encoded: expression(pair[which], dataType),
      shareable: pair[which].shareable,
    }));
  const real = writeEncodings(model, layers('real'));
  const bytes = await writeModel(before.model);
  expect(await writeModel(real.model)).toEqual(bytes);
  expect([...real.bytes]).toEqual([...before.bytes]);

  const planned = writeEncodings(model, layers('planned'));
  expect([...planned.bytes]).toEqual([...before.bytes]);
  const fillings = layers('real').map(({ layer, encoded }) => {
    const slot = planned.slots.get(layer.output);
    return slot ? fillingsOf(slot, encoded) : new Map<string, Uint8Array>();
  });
  const filled = new Map(fillings.flatMap((one) => [...one]));
  expect(await writeModel(fill(planned.model, filled))).toEqual(bytes);
}

function fill(model: Model, fillings: ReadonlyMap<string, Uint8Array>): Model {
  const initializers = model.graph.initializers.map((tensor) => {
    if (!tensor.data.planned) return tensor;
    const bytes = fillings.get(tensor.name);
    if (bytes?.byteLength !== tensor.data.byteLength) throw new Error(`hole ${tensor.name}`);
    return { ...tensor, data: memoryData(bytes) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

async function quantized(model: Model, layer: Layer, options: unknown): Promise<Pair> {
  const parsed = meta.options.parse(options);
  const planned = roundToNearest.plan(layer, parsed, model);
  if ('refused' in planned) throw new Error(planned.refused);
  const weight = await readWeight(model, layer);
  const { encoded } = await roundToNearest.compress(weight, undefined, parsed, context);
  return { layer, planned, real: encoded };
}

/** logits = Gather(E, ids)·Eᵀ with one initializer E, as a tied language model has it. */
function tiedModel(): { model: Model; layers: Layer[] } {
  const g = new GraphBuilder('tied');
  const x = g.input('ids', 'int64', [1, 3]);
  const e = g.floats('E', [20, 40], randomFloats(800, 2));
  const rows = g.op('Gather', [e, x], { axis: 0 });
  const logits = g.op('MatMul', [rows, g.op('Transpose', [e], { perm: [1, 0] })]);
  g.output(rows, 'float32', [1, 3, 40], 'rows');
  g.output(logits, 'float32', [1, 3, 20], 'logits');
  const common = { weight: 'E', outFeatures: 20, inFeatures: 40, layout: 'out-in' } as const;
  const head = { role: 'output-head', group: 'output-head' } as const;
  const embedding = { role: 'embedding', group: 'embedding' } as const;
  return {
    model: g.finish({ opset: 21, irVersion: 10 }),
    layers: [
      { ...common, ...embedding, name: 'E', output: 'rows', op: 'Gather', input: 'ids' },
      { ...common, ...head, name: 'E (head)', output: 'logits', op: 'MatMul', input: 'rows' },
    ],
  };
}

/** y = x·W computed in half precision, as float16 exports do. */
function halfModel(): { model: Model; layer: Layer } {
  const g = new GraphBuilder('half');
  const input = g.input('x', 'float32', [1, 4, 48]);
  const half = g.op('Cast', [input], { to: DataType.float16 });
  const bytes = fromFloat32(DataType.float16, randomFloats(6 * 48, 1));
  const w = g.initializer('w', [48, 6], { dataType: DataType.float16, bytes });
  const product = g.op('MatMul', [half, w]);
  g.output(g.op('Cast', [product], { to: DataType.float32 }), 'float32', [1, 4, 6], 'y');
  const layer: Layer = {
    ...{ name: 'w', output: product, op: 'MatMul', weight: 'w', input: half },
    ...{ outFeatures: 6, inFeatures: 48, layout: 'in-out', role: 'other', group: 'other' },
  };
  return { model: g.finish(), layer };
}

const SIZES = [16, 32, 64, 256, 'channel', 'tensor'] as const;
const GRID = [2, 3, 4, 8].flatMap((bits) =>
  SIZES.flatMap((blockSize) =>
    [true, false].flatMap((symmetric) =>
      (['float32', 'float16'] as const).map((scales) => ({ bits, blockSize, symmetric, scales })),
    ),
  ),
);

describe('writeEncodings gives the bytes that exportLayers gave', () => {
  it.each(FORMAT_CASES)('$op $rows×$columns $options opset $opset', async (test) => {
    const { op, rows, columns, options, opset } = test;
    const { model, layer } = oneLayerModel(op, rows, columns, { opset });
    const pair = await quantized(model, layer, options);
    await compare(model, [pair]);
    expect(decodeWeight(expression(pair.real, 1), rows, columns)).toEqual(
      decodeBefore(pair.real, rows, columns),
    );
  });

  it.each([12, 21])('for every combination of options at opset %i', async (opset) => {
    for (const op of ['MatMul', 'Gemm-transB', 'Conv', 'Gather'] as const)
      for (const options of GRID) {
        const { model, layer } = oneLayerModel(op, 6, 72, { opset });
        await compare(model, [await quantized(model, layer, options)]);
      }
  });

  it.each(GRID)('for a tied weight: $bits $blockSize $symmetric $scales', async (options) => {
    const { model, layers } = tiedModel();
    const pairs: Pair[] = [];
    for (const layer of layers) pairs.push(await quantized(model, layer, options));
    await compare(model, pairs);
    await compare(model, pairs.slice(1));
    await compare(
      model,
      pairs.map(({ layer, planned, real }) => ({
        layer,
        planned: { ...planned, shareable: false },
        real: { ...real, shareable: false },
      })),
    );
  });

  it.each([
    { bits: 4, blockSize: 16 },
    { bits: 8, blockSize: 'channel', symmetric: false },
    { bits: 3, blockSize: 32 },
  ])('for a graph that computes in half precision: $bits bits', async (options) => {
    const { model, layer } = halfModel();
    await compare(model, [await quantized(model, layer, options)]);
    const { values } = await readWeight(model, layer);
    const dataType = DataType.float16;
    await compare(model, [
      { layer, dataType, planned: { kind: 'dense' }, real: { kind: 'dense', values } },
    ]);
  });

  it.each(['all', 'one'] as const)('for half and dense values of %s layers', async (which) => {
    const { model, layers } = tiedModel();
    const chosen = which === 'all' ? layers : layers.slice(1);
    const half: Pair[] = [];
    const dense: Pair[] = [];
    for (const layer of chosen) {
      const weight = await readWeight(model, layer);
      const { encoded } = await float16.compress(weight, undefined, {}, context);
      half.push({ layer, planned: { kind: 'float16', shareable: true }, real: encoded });
      const real = {
        kind: 'dense',
        shareable: true,
        values: weight.values.map(Math.fround),
      } as const;
      dense.push({ layer, planned: { kind: 'dense', shareable: true }, real });
    }
    await compare(model, half);
    await compare(model, dense);
  });
});
