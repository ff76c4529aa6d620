import { describe, expect, it } from 'vitest';
import { encode, formOf } from '../../../../../test/support/methods.ts';
import { decodeWeight, writeEncodings } from '../../../encodings/index.ts';
import { DataType } from '../../../tensor/data-type.ts';
import {
  expectedOutput,
  oneLayerModel,
  transposed,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { readWeight } from '../../weight.ts';
import { float16 } from './float16.ts';

const ops: readonly TestOp[] = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'];

describe('half precision', () => {
  it.each(ops)('runs, halves the weight and has the forecast size: %s', async (op) => {
    const [rows, columns] = [11, 45];
    const { model, layer, input, weight } = oneLayerModel(op, rows, columns);
    const planned = formOf(float16, layer, {}, model);
    const read = await readWeight(model, layer);
    const { encoded } = await encode(float16, model, read, {});
    const real = writeEncodings(model, [{ layer, encoded }]).model;
    expect(bytesOfModel(writeEncodings(model, [{ layer, encoded: planned }]).model)).toBe(
      bytesOfModel(real),
    );
    const stored = real.graph.initializers.find(({ name }) => name === 'w_fp16');
    expect(stored?.data.byteLength).toBe(rows * columns * 2);

    const decoded = decodeWeight(encoded, rows, columns);
    decoded.forEach((v, i) => expect(Math.abs(v - weight[i])).toBeLessThanOrEqual(2 ** -12));
    const { y } = await runModel(real, { x: input });
    const expected = expectedOutput(op, decoded, rows, columns, input);
    y.forEach((v, i) => expect(Math.abs(v - expected[i])).toBeLessThan(columns * 2 ** -22));
  });

  it('warns where values had to be cut', async () => {
    const { model, layer, weight } = oneLayerModel('MatMul', 4, 18);
    const huge = transposed(weight, 4, 18).fill(1e6);
    const { encoded, warnings } = await encode(float16, model, { layer, values: huge }, {});
    expect(warnings).toEqual([
      '"w" has values beyond ±65504, the largest a half can hold; they were cut to it.',
    ]);
    expect(decodeWeight(encoded, 4, 18)[0]).toBe(65504);
  });

  it('leaves alone what already takes 16 bits', () => {
    const { model, layer } = oneLayerModel('MatMul', 4, 18);
    const initializers = model.graph.initializers.map((t) => ({
      ...t,
      dataType: DataType.bfloat16,
    }));
    const half = { ...model, graph: { ...model.graph, initializers } };
    expect(float16.encoder.form(layer, {}, half)).toEqual({
      refused: '"w" already takes 16 bits per weight, so it was left as it is.',
    });
  });
});
