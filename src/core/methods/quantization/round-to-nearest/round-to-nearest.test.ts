import { describe, expect, it } from 'vitest';
import { encode } from '../../../../../test/support/methods.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { float32ToHalf, halfToFloat32 } from '../../../tensor/half.ts';
import type { Model } from '../../../onnx/types.ts';
import { decodeWeight, requireKind, type Coded } from '../../../encodings/index.ts';
import { weightError } from '../../../metrics/weight-error.ts';
import { oneLayerModel, randomFloats } from '../../../../../test/fixtures/methods/models.ts';
import { context } from '../../../../../test/fixtures/methods/statistics.ts';
import { meta } from './meta.ts';
import { roundToNearest } from './round-to-nearest.ts';

const [rows, columns] = [12, 200];
const { model, layer, weight } = oneLayerModel('MatMul', rows, columns);

async function quantize(options: unknown, values = weight): Promise<Coded> {
  const parsed = meta.options.parse(options);
  const { encoded } = await encode(roundToNearest, model, { layer, values }, parsed);
  return requireKind(encoded, 'coded');
}

function scalesOf({ scales }: Coded): Float32Array {
  return (scales && 'values' in scales && scales.values) || new Float32Array();
}

describe('round to nearest', () => {
  const grids = [8, 4, 3, 2].flatMap((bits) =>
    [16, 32, 256, 'channel', 'tensor'].flatMap((blockSize) =>
      [true, false].map((symmetric) => ({ bits, blockSize, symmetric })),
    ),
  );

  it.each(grids)(
    'keeps every weight within half a step: $bits $blockSize $symmetric',
    async (options) => {
      const encoded = await quantize(options);
      const decoded = decodeWeight(encoded, rows, columns);
      const { codes = new Uint8Array(), groupSize } = encoded;
      const scales = scalesOf(encoded);
      const groups = Math.ceil(columns / groupSize);
      expect(scales.length).toBe(options.blockSize === 'tensor' ? 1 : rows * groups);
      expect(Math.max(...codes)).toBeLessThan(2 ** options.bits);
      // A symmetric grid reaches one step further on one side; at its short end a value may be cut by one.
      const worst = options.symmetric ? 1 : 0.5;
      decoded.forEach((value, i) => {
        const at =
          scales.length === 1
            ? 0
            : Math.floor(i / columns) * groups + Math.floor((i % columns) / groupSize);
        const step = Math.abs(scales[at]);
        expect(Math.abs(value - weight[i])).toBeLessThanOrEqual(worst * step * (1 + 1e-5));
      });
    },
  );

  it('gets better with smaller blocks and more bits', async () => {
    const error = async (options: unknown): Promise<number> =>
      weightError(weight, decodeWeight(await quantize(options), rows, columns));
    const byBlock = [];
    for (const blockSize of [16, 64, 'channel', 'tensor']) {
      byBlock.push(await error({ bits: 4, blockSize, symmetric: false }));
    }
    expect(byBlock).toEqual([...byBlock].sort((a, b) => a - b));
    const byBits = [];
    for (const bits of [8, 4, 3, 2]) byBits.push(await error({ bits }));
    expect(byBits).toEqual([...byBits].sort((a, b) => a - b));
  });

  it('narrows the range of heavy tails when asked to', async () => {
    const heavy = weight.map((value, i) => (i % 97 === 0 ? value * 12 : value * 0.5));
    const options = { bits: 4, blockSize: 'channel', symmetric: false };
    const plain = decodeWeight(await quantize(options, heavy), rows, columns);
    const clipped = decodeWeight(await quantize({ ...options, clip: 'mse' }, heavy), rows, columns);
    expect(weightError(heavy, clipped)).toBeLessThan(weightError(heavy, plain));
  });

  it('rounds half scales to what the file holds', async () => {
    const encoded = await quantize({ scales: 'float16', blockSize: 'channel' });
    expect(encoded.scales).toMatchObject({ dataType: DataType.float16 });
    const scales = scalesOf(encoded);
    const stored = halfToFloat32(float32ToHalf(scales));
    expect(stored).not.toEqual(scales);
    const middle = (encoded.codes ?? new Uint8Array()).map((code) => code - 8);
    const decoded = decodeWeight(encoded, rows, columns);
    const signed = new Int8Array(middle.buffer);
    decoded.forEach((value, i) =>
      expect(value).toBe(Math.fround(stored[Math.floor(i / columns)] * signed[i])),
    );
  });

  it('gives the same codes every time, and leaves the weight alone', async () => {
    const copy = weight.slice();
    expect(await quantize({ bits: 3 })).toEqual(await quantize({ bits: 3 }));
    expect(weight).toEqual(copy);
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const options = meta.options.parse({});
    const weight = { layer, values: randomFloats(4, 1) };
    const stopped = { ...context, signal: controller.signal };
    const run = encode(roundToNearest, model, weight, options, undefined, stopped);
    await expect(run).rejects.toThrow('The run was cancelled; nothing unfinished was kept.');
  });
});

describe('round to nearest refuses', () => {
  const options = meta.options.parse({});

  function changed(dataType: number): Model {
    const initializers = model.graph.initializers.map((tensor) => ({ ...tensor, dataType }));
    return { ...model, graph: { ...model.graph, initializers } };
  }

  it.each([
    [
      'an old operator set',
      { ...model, opsets: [{ domain: '', version: 9 }] },
      '"w" is in a model of operator set 9, and a quantized weight needs 10 or newer: export the model again with a newer operator set.',
    ],
    [
      'integers',
      changed(DataType.int8),
      '"w" is stored as int8, not as floating-point numbers, so it was left as it is.',
    ],
    [
      'float64',
      changed(DataType.float64),
      '"w" computes in float64, and a quantized weight can only be unpacked to float32 or float16: convert the model to float32 first.',
    ],
    [
      'a weight that is gone',
      { ...model, graph: { ...model.graph, nodes: [] } },
      '"w" is no plain weight in this model (another step or tool has already encoded it), so it was left as it is.',
    ],
  ])('%s', (_, given, refused) => {
    expect(roundToNearest.encoder.form(layer, options, given)).toEqual({ refused });
  });
});
