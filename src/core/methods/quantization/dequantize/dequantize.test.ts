import { describe, expect, it } from 'vitest';
import { oneLayerModel, type TestOp } from '../../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../../test/fixtures/methods/run.ts';
import { compressed, encodedModel, firstStep } from '../../../../../test/support/methods.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import type { Layer } from '../../../anatomy/types.ts';
import type { Encoded } from '../../../encodings/index.ts';
import { decodeWeight, writeEncodings } from '../../../encodings/index.ts';
import { sampleOf } from '../../../encodings/sample.ts';
import type { Model } from '../../../onnx/types.ts';
import { seededRandom } from '../../../random/seeded.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { dequantize } from './dequantize.ts';
import { meta } from './meta.ts';

const [ROWS, COLUMNS] = [12, 32];
const options = meta.options.parse({});
const INT4: Encoded = {
  ...{ kind: 'coded', bits: 4, grid: 'integer', granularity: 'block', groupSize: 16 },
  scales: { dataType: DataType.float32 },
};
const INT8: Encoded = { ...INT4, bits: 8, granularity: 'channel', groupSize: COLUMNS };

function quantized(op: TestOp, form: Encoded, input?: { readonly kind: 'dynamic' }) {
  const { model, layer, input: x } = oneLayerModel(op, ROWS, COLUMNS);
  const encoded = sampleOf(form, { rows: ROWS, columns: COLUMNS }, seededRandom(5, op));
  const written = writeEncodings(model, [{ layer, encoded, ...(input && { input }) }]);
  const anatomy = recognise(written.model);
  return {
    model: written.model,
    layer: anatomy.layers[0],
    x,
    weight: decodeWeight(encoded, ROWS, COLUMNS),
  };
}

const ground = (model: Model) => ({ model, anatomy: recognise(model), original: model });
const plan = (model: Model, layer: Layer, own = options) =>
  dequantize.plan(ground(model), [layer], own, firstStep);

describe('Dequantize', () => {
  it.each(['MatMul', 'Gemm', 'Gemm-transB', 'Gather'] as const)(
    'gives the numbers that the codes of a %s stand for, in an ordinary node',
    async (op) => {
      const { model, layer, x, weight } = quantized(op, INT4);
      expect(await compressed(dequantize, model, layer, options)).toEqual(weight);
      const { model: made } = await encodedModel(dequantize, model, [layer], options);
      const stored = made.graph.initializers.filter(({ name }) => name !== 'b');
      expect(stored.map(({ name, dataType }) => [name, dataType])).toEqual([
        ['w', DataType.float32],
      ]);
      expect(made.graph.nodes.every(({ domain }) => domain === '')).toBe(true);
      const [before, after] = [await runModel(model, { x }), await runModel(made, { x })];
      const largest = Math.max(...before['y'].map(Math.abs), 1);
      const worst = Math.max(...before['y'].map((value, i) => Math.abs(value - after['y'][i])));
      expect(worst).toBeLessThanOrEqual(largest * 2 * COLUMNS * 2 ** -24);
    },
  );

  it('says that the file grows and what does not come back', async () => {
    const { model, layer } = quantized('MatMul', INT4);
    const { warnings, lines } = await plan(model, layer);
    expect(warnings).toEqual([
      'Dequantizing makes the file larger: 1 layer is stored as float32 again. What quantizing lost does not come back.',
    ]);
    expect(lines.map(({ bytesBefore, bytesAfter, did }) => [bytesBefore, bytesAfter, did])).toEqual(
      [
        // Codes of half a byte and two float32 scales a row.
        [(ROWS * COLUMNS) / 2 + ROWS * 2 * 4, ROWS * COLUMNS * 4, undefined],
      ],
    );
    const half = await plan(model, layer, { precision: 'float16' });
    expect(half.lines[0]).toMatchObject({
      bytesAfter: ROWS * COLUMNS * 2,
      did: 'stored as float16',
    });
  });

  it('says that inputs are no longer rounded', async () => {
    const { model, layer } = quantized('MatMul', INT8, { kind: 'dynamic' });
    expect(layer.stored?.text).toBe(
      'int8 per channel symmetric, MatMulInteger, input rounded to 8 bits',
    );
    const { warnings } = await plan(model, layer);
    expect(warnings?.[1]).toBe(
      'The inputs of 1 of these layers were rounded to 8 bits, and are so no more.',
    );
  });

  it('leaves plain weights alone and says so', async () => {
    const { model, layer } = oneLayerModel('MatMul', ROWS, COLUMNS);
    const { work, skipped } = await plan(model, layer);
    expect(work).toEqual([]);
    const reason =
      '"w" is stored as plain numbers, not as codes, so there is nothing to dequantize.';
    expect(skipped).toEqual([{ name: 'w', reason }]);
  });
});
