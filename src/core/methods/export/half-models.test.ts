import { describe, expect, it } from 'vitest';
import { encode, formOf } from '../../../../test/support/methods.ts';
import { bytesOfModel, runModel } from '../../../../test/fixtures/methods/run.ts';
import { randomFloats } from '../../../../test/fixtures/methods/models.ts';
import type { Layer } from '../../anatomy/types.ts';
import { GraphBuilder } from '../../onnx/build/graph-builder.ts';
import { DataType } from '../../tensor/data-type.ts';
import { decodeWeight } from '../decode.ts';
import { bytesFromFloats } from '../half.ts';
import { meta } from '../quantization/round-to-nearest/meta.ts';
import { roundToNearest } from '../quantization/round-to-nearest/round-to-nearest.ts';
import { readWeight } from '../weight.ts';
import { applyEncoded } from './apply.ts';

const [ROWS, COLUMNS] = [6, 48];
const x = { dims: [1, 4, COLUMNS], data: randomFloats(4 * COLUMNS, 7) };

/** y = x·W computed in half precision, as float16 exports do. */
function halfModel() {
  const g = new GraphBuilder('half');
  const input = g.input('x', 'float32', x.dims);
  const half = g.op('Cast', [input], { to: DataType.float16 });
  const bytes = bytesFromFloats(randomFloats(ROWS * COLUMNS, 1), DataType.float16);
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
    expect(planned).toMatchObject({ format, scaleType: 'float16' });
    const weight = await readWeight(model, layer);
    const { encoded } = await encode(roundToNearest, model, weight, options);
    const real = applyEncoded(model, [{ layer, encoded }]);
    expect(bytesOfModel(applyEncoded(model, [{ layer, encoded: planned }]))).toBe(
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
