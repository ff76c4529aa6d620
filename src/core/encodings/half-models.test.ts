import { describe, expect, it } from 'vitest';
import { encode, formOf } from '../../../test/support/methods.ts';
import { bytesOfModel, runModel } from '../../../test/fixtures/methods/run.ts';
import { randomFloats } from '../../../test/fixtures/methods/models.ts';
import type { Layer } from '../anatomy/types.ts';
import { GraphBuilder } from '../onnx/build/graph-builder.ts';
import { fromFloat32 } from '../tensor/convert.ts';
import { DataType } from '../tensor/data-type.ts';
import { meta } from '../methods/quantization/round-to-nearest/meta.ts';
import { roundToNearest } from '../methods/quantization/round-to-nearest/round-to-nearest.ts';
import { readWeight } from '../methods/weight.ts';
import { decodeWeight, writeEncodings } from './index.ts';

const [ROWS, COLUMNS] = [6, 48];
const x = { dims: [1, 4, COLUMNS], data: randomFloats(4 * COLUMNS, 7) };

/** y = x·W computed in half precision, as float16 exports do. */
function halfModel() {
  const g = new GraphBuilder('half');
  const input = g.input('x', 'float32', x.dims);
  const half = g.op('Cast', [input], { to: DataType.float16 });
  const bytes = fromFloat32(DataType.float16, randomFloats(ROWS * COLUMNS, 1));
  const w = g.initializer('w', [COLUMNS, ROWS], { dataType: DataType.float16, bytes });
  const product = g.op('MatMul', [half, w]);
  g.output(g.op('Cast', [product], { to: DataType.float32 }), 'float32', [1, 4, ROWS], 'y');
  const layer: Layer = {
    name: 'w',
    output: product,
    op: 'MatMul',
    weight: 'w',
    input: half,
    outFeatures: ROWS,
    inFeatures: COLUMNS,
    layout: 'in-out',
    role: 'other',
    group: 'other',
  };
  return { model: g.finish(), layer };
}

describe('a model that computes in half precision', () => {
  it.each([
    ['matmul-nbits', { bits: 4, blockSize: 16 }],
    ['qdq', { bits: 8, blockSize: 'channel', symmetric: false }],
    ['packed', { bits: 3, blockSize: 32 }],
  ])('is quantized as %s', async (format, given) => {
    const { model, layer } = halfModel();
    const options = meta.options.parse(given);
    const planned = formOf(roundToNearest, layer, options, model);
    expect(planned).toMatchObject({ scales: { dataType: DataType.float16 } });
    const weight = await readWeight(model, layer);
    const { encoded } = await encode(roundToNearest, model, weight, options);
    const { model: real, slots } = writeEncodings(model, [{ layer, encoded }]);
    expect(slots.get(layer.output)?.form?.id).toBe(format);
    expect(bytesOfModel(writeEncodings(model, [{ layer, encoded: planned }]).model)).toBe(
      bytesOfModel(real),
    );
    const w = decodeWeight(encoded, ROWS, COLUMNS);
    const { y } = await runModel(real, { x });
    for (let t = 0; t < 4; t++)
      for (let r = 0; r < ROWS; r++) {
        let sum = 0;
        for (let c = 0; c < COLUMNS; c++) sum += x.data[t * COLUMNS + c] * w[r * COLUMNS + c];
        // 48 products rounded to halves, the sum below 16: a few units of 2⁻¹¹ · 16.
        expect(Math.abs(y[t * ROWS + r] - sum)).toBeLessThan(0.03);
      }
  });
});
