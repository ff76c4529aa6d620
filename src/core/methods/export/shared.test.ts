import { describe, expect, it } from 'vitest';
import { encode, formOf } from '../../../../test/support/methods.ts';
import type { Layer } from '../../anatomy/types.ts';
import { GraphBuilder } from '../../onnx/build/graph-builder.ts';
import type { Model } from '../../onnx/types.ts';
import { decodeWeight } from '../decode.ts';
import type { EncodedLayer } from '../encoding.ts';
import { meta } from '../quantization/round-to-nearest/meta.ts';
import { float16 } from '../quantization/float16/float16.ts';
import { roundToNearest } from '../quantization/round-to-nearest/round-to-nearest.ts';
import { magnitude } from '../pruning/magnitude/magnitude.ts';
import { meta as magnitudeMeta } from '../pruning/magnitude/meta.ts';
import { readWeight } from '../weight.ts';
import { applyEncoded, exportLayers } from './apply.ts';
import { randomFloats } from '../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../test/fixtures/methods/run.ts';

const [VOCABULARY, WIDTH] = [20, 40];
const ids = { dims: [1, 3], data: BigInt64Array.of(4n, 19n, 0n) };

/** logits = Gather(E, ids)·Eᵀ with one initializer E, as a tied language model has it. */
function tiedModel(head: 'transpose' | 'gemm'): { model: Model; layers: readonly Layer[] } {
  const g = new GraphBuilder('tied');
  const x = g.input('ids', 'int64', [1, 3]);
  const e = g.floats('E', [VOCABULARY, WIDTH], randomFloats(VOCABULARY * WIDTH, 2));
  const rows = g.op('Gather', [e, x], { axis: 0 });
  const logits =
    head === 'transpose'
      ? g.op('MatMul', [rows, g.op('Transpose', [e], { perm: [1, 0] })])
      : g.op('Gemm', [g.op('Reshape', [rows, g.integers('flat', [3, WIDTH])]), e], { transB: 1 });
  g.output(rows, 'float32', [1, 3, WIDTH], 'rows');
  g.output(logits, 'float32', head === 'gemm' ? [3, VOCABULARY] : [1, 3, VOCABULARY], 'logits');
  const common = {
    weight: 'E',
    outFeatures: VOCABULARY,
    inFeatures: WIDTH,
    layout: 'out-in',
  } as const;
  return {
    model: g.finish(),
    layers: [
      {
        ...common,
        name: 'E',
        output: 'rows',
        op: 'Gather',
        input: 'ids',
        role: 'embedding',
        group: 'embedding',
      },
      {
        ...common,
        name: 'E (head)',
        output: 'logits',
        op: head === 'gemm' ? 'Gemm' : 'MatMul',
        input: 'rows',
        role: 'output-head',
        group: 'output-head',
      },
    ],
  };
}

async function quantize(model: Model, layers: readonly Layer[], options: unknown) {
  const parsed = meta.options.parse(options);
  const planned: EncodedLayer[] = [];
  const real: EncodedLayer[] = [];
  for (const layer of layers) {
    planned.push({ layer, encoded: formOf(roundToNearest, layer, parsed, model) });
    const weight = await readWeight(model, layer);
    real.push({ layer, ...(await encode(roundToNearest, model, weight, parsed)) });
  }
  return { planned, real };
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}

describe('a weight that an embedding and an output head share', () => {
  const options = [
    { bits: 4, blockSize: 32 },
    { bits: 4, blockSize: 16, symmetric: false },
    { bits: 8, blockSize: 'channel' },
    { bits: 8, blockSize: 'channel', symmetric: false, scales: 'float16' },
    { bits: 8, blockSize: 'tensor' },
    { bits: 2, blockSize: 16, symmetric: false },
    { bits: 3, blockSize: 32 },
    { bits: 4, blockSize: 'channel' },
  ];
  const cases = (['transpose', 'gemm'] as const).flatMap((head) =>
    options.map((o) => ({ head, options: o })),
  );

  it.each(cases)('is stored once: $head $options', async ({ head, options }) => {
    const { model, layers } = tiedModel(head);
    const { planned, real } = await quantize(model, layers, options);
    const { model: exported, bytes } = exportLayers(model, real);
    expect(bytes.get('rows') ?? 0).toBeGreaterThan(0);
    expect(bytes.get('logits')).toBe(0);
    expect(bytesOfModel(applyEncoded(model, planned))).toBe(bytesOfModel(exported));

    const w = decodeWeight(real[0].encoded, VOCABULARY, WIDTH);
    const out = await runModel(exported, { ids });
    const picked = [4, 19, 0].flatMap((i) => [...w.subarray(i * WIDTH, (i + 1) * WIDTH)]);
    expect(furthest(out['rows'], picked)).toBeLessThan(1e-6);
    const logits = [0, 1, 2].flatMap((t) =>
      Array.from({ length: VOCABULARY }, (_, v) => {
        let sum = 0;
        for (let c = 0; c < WIDTH; c++) sum += picked[t * WIDTH + c] * w[v * WIDTH + c];
        return sum;
      }),
    );
    expect(furthest(out['logits'], logits)).toBeLessThan(1e-5);
  });

  it('keeps the float original for a layer that is not compressed', async () => {
    const { model, layers } = tiedModel('transpose');
    const before = await runModel(model, { ids });
    const { real } = await quantize(model, layers.slice(1), { bits: 4 });
    const exported = applyEncoded(model, real);
    const after = await runModel(exported, { ids });
    expect(after['rows']).toEqual(before['rows']);
    expect(after['logits']).not.toEqual(before['logits']);
    expect(bytesOfModel(exported)).toBeGreaterThan(bytesOfModel(model));
  });

  it('stays one initializer as half values and after pruning', async () => {
    const { model, layers } = tiedModel('transpose');
    const half: EncodedLayer[] = [];
    const pruned: EncodedLayer[] = [];
    const options = magnitudeMeta.options.parse({ sparsity: 0.5 });
    for (const layer of layers) {
      const weight = await readWeight(model, layer);
      half.push({ layer, ...(await encode(float16, model, weight, {})) });
      pruned.push({ layer, ...(await encode(magnitude, model, weight, options)) });
    }
    const small = applyEncoded(model, half);
    const weights = small.graph.initializers.filter(({ dims }) => dims.length === 2);
    expect(weights.map(({ name, dataType }) => [name, dataType])).toEqual([['E_fp16', 10]]);
    expect((await runModel(small, { ids }))['logits']).toHaveLength(3 * VOCABULARY);
    const zeroed = applyEncoded(model, pruned);
    expect(bytesOfModel(zeroed)).toBe(bytesOfModel(model));
    expect(zeroed.graph.nodes).toEqual(model.graph.nodes);
  });

  it('gives a pruned copy to one of two layers and keeps the other as it was', async () => {
    const { model, layers } = tiedModel('transpose');
    const options = magnitudeMeta.options.parse({ sparsity: 0.9 });
    const weight = await readWeight(model, layers[1]);
    const { encoded } = await encode(magnitude, model, weight, options);
    const exported = applyEncoded(model, [{ layer: layers[1], encoded }]);
    const before = await runModel(model, { ids });
    const after = await runModel(exported, { ids });
    expect(after['rows']).toEqual(before['rows']);
    expect(after['logits']).not.toEqual(before['logits']);
  });
});

describe('applyEncoded', () => {
  it('refuses a layer that is not in the graph', () => {
    const { model, layers } = tiedModel('gemm');
    const stranger = { ...layers[0], output: 'nowhere' };
    expect(() => applyEncoded(model, [{ layer: stranger, encoded: { kind: 'dense' } }])).toThrow(
      'The layer "E" is not in this graph as a Gather over a plain weight; recognise the model again before compressing it.',
    );
  });

  it('leaves its input alone and gives the same bytes layer by layer as at once', async () => {
    const { model, layers } = tiedModel('gemm');
    const frozen = JSON.stringify(model.graph.nodes.map(({ opType, inputs }) => [opType, inputs]));
    const { real } = await quantize(model, layers, { bits: 3 });
    const apart = real.map(({ layer, encoded }) => ({
      layer,
      encoded: { ...encoded, shareable: false },
    }));
    const steps = apart.reduce((m, one) => applyEncoded(m, [one]), model);
    expect(bytesOfModel(steps)).toBe(bytesOfModel(applyEncoded(model, apart)));
    expect(JSON.stringify(model.graph.nodes.map(({ opType, inputs }) => [opType, inputs]))).toBe(
      frozen,
    );
  });
});
