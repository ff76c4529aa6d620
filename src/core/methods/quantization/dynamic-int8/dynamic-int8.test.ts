import { describe, expect, it } from 'vitest';
import { expectedOutput, oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../../test/fixtures/methods/run.ts';
import { encodedModel } from '../../../../../test/support/methods.ts';
import { meta } from './meta.ts';
import { dynamicInt8 } from './dynamic-int8.ts';

const OPS = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv'] as const;
const CHOICES = OPS.flatMap((op) =>
  (['channel', 'tensor'] as const).map((blockSize) => ({ op, blockSize })),
);

/** x rounded to uint8 over [min(x, 0), max(x, 0)], as DynamicQuantizeLinear does. */
function rounded(x: Float32Array): Float32Array {
  const [low, high] = [Math.min(0, ...x), Math.max(0, ...x)];
  const scale = Math.fround((high - low) / 255);
  const zero = Math.round(-low / scale);
  return x.map((v) => scale * (Math.min(255, Math.max(0, Math.round(v / scale) + zero)) - zero));
}

/** Weights on the 256 levels of as many parts as share a scale: −128 of each is its weight of largest magnitude. */
function signedMax(weight: Float32Array, parts: number): Float32Array {
  const size = weight.length / parts;
  return weight.map((w, i) => {
    const part = weight.subarray(Math.floor(i / size) * size, (Math.floor(i / size) + 1) * size);
    const most = part.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
    const scale = Math.fround(most / -128);
    return scale * Math.min(127, Math.round(w / scale));
  });
}

describe('dynamic int8', () => {
  it.each(CHOICES)(
    '$op $blockSize: the file rounds weight and input',
    async ({ op, blockSize }) => {
      const { model, layer, weight, input } = oneLayerModel(op, 12, 36);
      const options = meta.options.parse({ blockSize });
      const made = await encodedModel(dynamicInt8, model, [layer], options);
      const decoded = signedMax(weight, blockSize === 'channel' ? 12 : 1);
      const x = rounded(input.data as Float32Array);
      const expected = expectedOutput(op, decoded, 12, 36, { ...input, data: x });
      const { y } = await runModel(made.model, { x: input });
      const size = Math.max(...expected.map(Math.abs));
      y.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-4 * size));
    },
  );

  it('multiplies integers where the product is a plain one', async () => {
    const { model, layer } = oneLayerModel('MatMul', 12, 36);
    const { model: made } = await encodedModel(dynamicInt8, model, [layer], meta.options.parse({}));
    const ops = made.graph.nodes.map(({ opType }) => opType);
    expect(ops).toContain('MatMulInteger');
  });

  it('refuses a model whose operator set cannot round inputs', async () => {
    const { model, layer } = oneLayerModel('MatMul', 4, 8, { opset: 10 });
    const { plan } = await encodedModel(dynamicInt8, model, [layer], meta.options.parse({}));
    expect(plan.skipped).toEqual([
      {
        name: 'w',
        reason:
          '"w" is in a model of operator set 10, and rounding its input takes DynamicQuantizeLinear of set 11: export the model again with a newer operator set.',
      },
    ]);
  });
});
