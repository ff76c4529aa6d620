import { describe, expect, it } from 'vitest';
import { tiedModel } from '../../../test/fixtures/encodings/tied.ts';
import { bytesOfModel, runModel } from '../../../test/fixtures/methods/run.ts';
import { encode, formOf } from '../../../test/support/methods.ts';
import type { Layer } from '../anatomy/types.ts';
import type { EncoderMethod } from '../methods/encoder-method.ts';
import { magnitude } from '../methods/pruning/magnitude/magnitude.ts';
import { meta as magnitudeMeta } from '../methods/pruning/magnitude/meta.ts';
import { float16 } from '../methods/quantization/float16/float16.ts';
import { meta } from '../methods/quantization/round-to-nearest/meta.ts';
import { roundToNearest } from '../methods/quantization/round-to-nearest/round-to-nearest.ts';
import { readWeight } from '../methods/weight.ts';
import type { Model } from '../onnx/types.ts';
import { decodeWeight, writeEncodings, type EncodedLayer } from './index.ts';

const [VOCABULARY, WIDTH] = [20, 40];
const tied = (head: 'transpose' | 'gemm') => tiedModel(head, [VOCABULARY, WIDTH]);
const ids = { dims: [1, 3], data: BigInt64Array.of(4n, 19n, 0n) };

async function encoded<O>(
  method: EncoderMethod<O>,
  model: Model,
  layer: Layer,
  options: O,
): Promise<EncodedLayer> {
  const outcome = await encode(method, model, await readWeight(model, layer), options);
  return { layer, encoded: outcome.encoded, shareable: method.encoder.shareable === true };
}

async function quantize(model: Model, layers: readonly Layer[], options: unknown) {
  const parsed = meta.options.parse(options);
  const planned = layers.map((layer): EncodedLayer => {
    return { layer, encoded: formOf(roundToNearest, layer, parsed, model), shareable: true };
  });
  const real: EncodedLayer[] = [];
  for (const layer of layers) real.push(await encoded(roundToNearest, model, layer, parsed));
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
    const { model, layers } = tied(head);
    const { planned, real } = await quantize(model, layers, options);
    const { model: exported, bytes } = writeEncodings(model, real);
    expect(bytes.get('rows') ?? 0).toBeGreaterThan(0);
    expect(bytes.get('logits')).toBe(0);
    expect(bytesOfModel(writeEncodings(model, planned).model)).toBe(bytesOfModel(exported));

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
    const { model, layers } = tied('transpose');
    const before = await runModel(model, { ids });
    const { real } = await quantize(model, layers.slice(1), { bits: 4 });
    const exported = writeEncodings(model, real).model;
    const after = await runModel(exported, { ids });
    expect(after['rows']).toEqual(before['rows']);
    expect(after['logits']).not.toEqual(before['logits']);
    expect(bytesOfModel(exported)).toBeGreaterThan(bytesOfModel(model));
  });

  it('stays one initializer as half values and after pruning', async () => {
    const { model, layers } = tied('transpose');
    const half: EncodedLayer[] = [];
    const pruned: EncodedLayer[] = [];
    const options = magnitudeMeta.options.parse({ sparsity: 0.5 });
    for (const layer of layers) {
      half.push(await encoded(float16, model, layer, {}));
      pruned.push(await encoded(magnitude, model, layer, options));
    }
    const small = writeEncodings(model, half).model;
    const weights = small.graph.initializers.filter(({ dims }) => dims.length === 2);
    expect(weights.map(({ name, dataType }) => [name, dataType])).toEqual([['E_fp16', 10]]);
    expect((await runModel(small, { ids }))['logits']).toHaveLength(3 * VOCABULARY);
    const zeroed = writeEncodings(model, pruned).model;
    expect(bytesOfModel(zeroed)).toBe(bytesOfModel(model));
    expect(zeroed.graph.nodes).toEqual(model.graph.nodes);
  });

  it('gives a pruned copy to one of two layers and keeps the other as it was', async () => {
    const { model, layers } = tied('transpose');
    const options = magnitudeMeta.options.parse({ sparsity: 0.9 });
    const pruned = await encoded(magnitude, model, layers[1], options);
    const exported = writeEncodings(model, [pruned]).model;
    const before = await runModel(model, { ids });
    const after = await runModel(exported, { ids });
    expect(after['rows']).toEqual(before['rows']);
    expect(after['logits']).not.toEqual(before['logits']);
  });
});

describe('writeEncodings', () => {
  it('refuses a layer that is not in the graph', () => {
    const { model, layers } = tied('gemm');
    const stranger = { ...layers[0], output: 'nowhere' };
    const encoded = { kind: 'plain', dataType: 1 } as const;
    expect(() => writeEncodings(model, [{ layer: stranger, encoded }])).toThrow(
      'The layer "E" is not in this graph as a Gather over a plain weight; recognise the model again before compressing it.',
    );
  });

  it('leaves its input alone and gives the same bytes layer by layer as at once', async () => {
    const { model, layers } = tied('gemm');
    const frozen = JSON.stringify(model.graph.nodes.map(({ opType, inputs }) => [opType, inputs]));
    const { real } = await quantize(model, layers, { bits: 3 });
    const apart = real.map((one) => ({ ...one, shareable: false }));
    const steps = apart.reduce((m, one) => writeEncodings(m, [one]).model, model);
    expect(bytesOfModel(steps)).toBe(bytesOfModel(writeEncodings(model, apart).model));
    expect(JSON.stringify(model.graph.nodes.map(({ opType, inputs }) => [opType, inputs]))).toBe(
      frozen,
    );
  });
});
