import { describe, expect, it } from 'vitest';
import { METHODS, SHAPE } from '../../../../test/fixtures/encodings/methods.ts';
import { tiedModel } from '../../../../test/fixtures/encodings/tied.ts';
import { oneLayerModel, type TestOp } from '../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../test/fixtures/methods/run.ts';
import { seededRandom } from '../../random/seeded.ts';
import { sampleOf } from '../sample.ts';
import {
  decodeWeight,
  decodedValues,
  decodeStored,
  storedWeights,
  type StoredWeight,
  writeEncodings,
} from '../index.ts';

const OPS: readonly TestOp[] = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'];

/** Plain numbers behind operators, in which nothing is quantized. */
const PLAIN = /^(low rank|Kronecker product|scaled scaled values|half values|bfloat16 values)$/;

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

describe('a weight that an embedding and an output head share', () => {
  const names = Object.keys(METHODS).filter((name) => !PLAIN.test(name));
  it.each(names)('is read by both, and dequantized once: %s', async (name) => {
    const { model, layers } = tiedModel('transpose', [7, 45], 21);
    const encoded = sampleOf(METHODS[name], SHAPE, seededRandom(3, name));
    const shared = layers.map((layer) => ({ layer, encoded, shareable: true }));
    const { model: file } = writeEncodings(model, shared);
    const stored = storedWeights(file);
    expect(stored.size).toBeGreaterThan(0);
    const plain = await decodeStored(file, [...stored.values()]);
    const ids = { dims: [1, 3], data: BigInt64Array.of(4n, 6n, 0n) };
    const [before, after] = [await runModel(file, { ids }), await runModel(plain, { ids })];
    for (const output of ['rows', 'logits']) {
      const largest = Math.max(...before[output].map(Math.abs));
      const worst = Math.max(...before[output].map((want, i) => Math.abs(after[output][i] - want)));
      expect(worst).toBeLessThan((largest + 1) * 2 * 45 * 2 ** -24);
    }
    const [rows, logits] = ['rows', 'logits'].map((output) => codesOf(stored.get(output)));
    // Where the look-up multiplies factors that the product reads one after the other, they are two weights.
    if (rows === undefined || rows !== logits) return;
    const matrices = plain.graph.initializers.filter(({ dims }) => dims.join() === '7,45');
    expect(matrices).toHaveLength(1);
    expect(plain.graph.initializers.some(({ dims }) => dims.join() === '45,7')).toBe(false);
  });
});

function codesOf(stored: StoredWeight | undefined): string | undefined {
  return stored && JSON.stringify(stored.tensors.map(({ name }) => name).sort());
}
