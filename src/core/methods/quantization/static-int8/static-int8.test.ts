import { describe, expect, it } from 'vitest';
import { expectedOutput, oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../../test/fixtures/methods/run.ts';
import { encodedModel } from '../../../../../test/support/methods.ts';
import { gridOver } from './ranges.ts';
import { meta } from './meta.ts';
import { staticInt8 } from './static-int8.ts';

const OPS = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv'] as const;

describe('static int8 with given ranges', () => {
  it.each(OPS)('%s: the file rounds its input to the 256 levels over them', async (op) => {
    const { model, layer, weight, input } = oneLayerModel(op, 12, 36);
    const options = meta.options.parse({ ranges: { x: [-0.5, 0.7] } });
    const { model: made } = await encodedModel(staticInt8, model, [layer], options);
    const { scale, zero } = gridOver([-0.5, 0.7]);
    const x = (input.data as Float32Array).map(
      (v) => scale * (Math.min(255, Math.max(0, Math.round(v / scale) + zero)) - zero),
    );
    const expected = expectedOutput(op, weight, 12, 36, { ...input, data: x });
    const { y } = await runModel(made, { x: input });
    const size = Math.max(...expected.map(Math.abs));
    // What is left is the rounding of weights.
    y.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(0.01 * size));
    const unrounded = expectedOutput(op, weight, 12, 36, input);
    expect(Math.max(...unrounded.map((value, i) => Math.abs(value - y[i])))).toBeGreaterThan(
      0.02 * size,
    );
  });

  it('refuses a layer whose input is not among them, and a run without any', async () => {
    const { model, layer } = oneLayerModel('MatMul', 4, 8);
    const other = meta.options.parse({ ranges: { z: [-1, 1] } });
    const { plan } = await encodedModel(staticInt8, model, [layer], other);
    expect(plan.skipped[0].reason).toBe(
      '"w" reads "x", whose range was not decided with the others, so it was left as it is; clear "ranges" to decide again.',
    );
    await expect(encodedModel(staticInt8, model, [layer], meta.options.parse({}))).rejects.toThrow(
      'This compressed weight is only planned and has no values yet; run the recipe before reading them.',
    );
  });
});
