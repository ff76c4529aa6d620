import { expect, it } from 'vitest';
import { buildGpt2, type Gpt2Config } from '../../../../../test/fixtures/layouts/gpt2.ts';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { encodedModel } from '../../../../../test/support/methods.ts';
import { distance, runModel } from '../../../../../test/support/run-model.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { memoryData } from '../../../onnx/tensor-data.ts';
import type { Model } from '../../../onnx/types.ts';
import { encodedLength } from '../../../onnx/write.ts';
import { factorEmbedding } from './factor-embedding.ts';

const [VOCABULARY, WIDTH] = [40, 16];
const build = (head: Gpt2Config['head']) =>
  buildGpt2({ linear: 'gemm', norm: 'operator', head, opset: 17 });
const factored = (model: Model, options: { ratio: number; rank?: number }) =>
  encodedModel(factorEmbedding, model, recognise(model).layers, options);
const logitsOf = async (model: Model) =>
  (await runModel(model, feedsOf(model, layoutFixtures[0].feeds))).get('logits');

/** The embedding with rows in a space of `rank` dimensions. */
function narrow(model: Model, rank: number): Model {
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.name !== 'transformer.wte.weight') return tensor;
    const values = new Float32Array(tensor.data.readSync?.().slice().buffer ?? new ArrayBuffer(0));
    for (let row = rank; row < VOCABULARY; row++) {
      for (let c = 0; c < WIDTH; c++) {
        let sum = 0;
        for (let k = 0; k < rank; k++) sum += Math.sin(row * (k + 1)) * values[k * WIDTH + c];
        values[row * WIDTH + c] = sum;
      }
    }
    return { ...tensor, data: memoryData(new Uint8Array(values.buffer)) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

it('is the same function where the table has no more directions than the rank', async () => {
  const model = narrow(build('transpose'), 5);
  const { model: made } = await factored(model, { ratio: 0.5, rank: 5 });
  expect(distance(await logitsOf(made), await logitsOf(model))).toBeLessThan(1e-4);
  const { model: less } = await factored(model, { ratio: 0.5, rank: 4 });
  expect(distance(await logitsOf(less), await logitsOf(model))).toBeGreaterThan(1e-3);
});

it('stores two factors that the tied head reads as well', async () => {
  const model = build('transpose');
  const { model: made, plan } = await factored(model, { ratio: 0.5 });
  const numbers = (VOCABULARY * WIDTH) / 2;
  const rank = Math.floor(numbers / (VOCABULARY + WIDTH));
  const factors = made.graph.initializers.filter(({ name }) =>
    name.startsWith('transformer.wte.weight_'),
  );
  expect(factors.map(({ dims }) => [...dims].sort((a, b) => a - b)).sort()).toEqual([
    [rank, WIDTH],
    [rank, VOCABULARY],
  ]);
  expect(plan.lines.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0)).toBe(
    4 * rank * (VOCABULARY + WIDTH),
  );
  expect(encodedLength(made)).toBeLessThan(encodedLength(model));
});

it('says from which rank on nothing is saved, and that a head of its own stays', async () => {
  const { plan } = await factored(build('transpose'), { ratio: 0.5, rank: 12 });
  expect(plan.skipped[0]).toEqual({
    name: 'transformer.wte.weight',
    reason:
      'Of "transformer.wte.weight" factors of rank 12 take no fewer bytes than the weight itself: only below rank 11.43 is anything saved, so it was left as it is.',
  });
  const own = await factored(build('own'), { ratio: 0.5 });
  const [head] = recognise(build('own')).layers.filter(({ role }) => role === 'output-head');
  expect(own.plan.skipped).toEqual([
    {
      name: head.name,
      reason: `The output head "${head.name}" has a weight of its own beside the embedding, so it was left as it is; tie it in a step before, and both use the same factors.`,
    },
  ]);
});
