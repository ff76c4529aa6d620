import { describe, expect, it } from 'vitest';
import { METHODS, SHAPE } from '../../../../test/fixtures/encodings/methods.ts';
import { oneLayerModel, type TestOp } from '../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../test/fixtures/methods/run.ts';
import { seededRandom } from '../../random/seeded.ts';
import { sampleOf } from '../sample.ts';
import {
  decodeWeight,
  decodedValues,
  decodeStored,
  storedWeights,
  writeEncodings,
} from '../index.ts';

const OPS: readonly TestOp[] = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'];

/** Plain numbers behind operators, in which nothing is quantized. */
const PLAIN = /^(low rank|scaled scaled values|half values|bfloat16 values)$/;

function written(name: string, op: TestOp) {
  const { model, layer, input } = oneLayerModel(op, SHAPE.rows, SHAPE.columns, { opset: 21 });
  const encoded = sampleOf(METHODS[name], SHAPE, seededRandom(3, name));
  return { model: writeEncodings(model, [{ layer, encoded }]).model, input, encoded };
}

describe.each(Object.keys(METHODS).filter((name) => !PLAIN.test(name)))('%s', (name) => {
  it.each(OPS)('%s is read back from the graph and can be dequantized', async (op) => {
    const { model, input, encoded } = written(name, op);
    const stored = storedWeights(model);
    expect(stored.size).toBeGreaterThan(0);
    const whole = stored.get('y');
    if (
      stored.size === 1 &&
      whole?.rows === SHAPE.rows &&
      whole.columns === SHAPE.columns &&
      whole.input === 'x'
    ) {
      const expected = decodeWeight(encoded, SHAPE.rows, SHAPE.columns);
      expect(await decodedValues(whole)).toEqual(expected);
    }
    const plain = await decodeStored(model, [...stored.values()]);
    expect(storedWeights(plain).size).toBe(0);
    const [before, after] = [
      await runModel(model, { x: input }),
      await runModel(plain, { x: input }),
    ];
    const largest = Math.max(...before['y'].map(Math.abs));
    // Two sums of 45 products, each rounded to float32, in any order.
    const tolerance = (largest + 1) * 2 * 45 * 2 ** -24;
    const worst = Math.max(...before['y'].map((want, i) => Math.abs(after['y'][i] - want)));
    expect(worst).toBeLessThan(tolerance);
  });
});
