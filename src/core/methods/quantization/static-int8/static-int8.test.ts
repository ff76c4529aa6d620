import { describe, expect, it } from 'vitest';
import { expectedOutput, oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { recogniseStored } from '../../../anatomy/recognise-stored.ts';
import { runModel } from '../../../../../test/fixtures/methods/run.ts';
import { encodedModel } from '../../../../../test/support/methods.ts';
import { gridCovering } from '../../../statistics/histogram/round-histogram.ts';
import { meta } from './meta.ts';
import { staticInt8 } from './static-int8.ts';

const OPS = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv'] as const;

describe('static int8 with given ranges', () => {
  it.each(OPS)('%s: the file rounds its input to the 256 levels over them', async (op) => {
    const { model, layer, weight, input } = oneLayerModel(op, 12, 36);
    const options = meta.options.parse({ ranges: { x: [-0.5, 0.7] } });
    const { model: made } = await encodedModel(staticInt8, model, [layer], options);
    const { scale, zero } = gridCovering([-0.5, 0.7]);
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

  it('leaves open what is not among them, and a run needs all of them', async () => {
    const { model, layer } = oneLayerModel('MatMul', 4, 8);
    const planned = async (ranges: Record<string, [number, number]>) => {
      const ground = { model, anatomy: await recogniseStored(model), original: model };
      const context = { index: 0, change: () => undefined };
      return staticInt8.plan(ground, [layer], meta.options.parse({ ranges }), context);
    };
    expect((await planned({ z: [-1, 1] })).undecided).toBeGreaterThan(0);
    expect((await planned({ x: [-1, 1] })).undecided).toBeUndefined();
    await expect(encodedModel(staticInt8, model, [layer], meta.options.parse({}))).rejects.toThrow(
      'This compressed weight is only planned and has no values yet; run the recipe before reading them.',
    );
  });
});

describe('ranges in a picture', () => {
  it('are read and written as options, and none means that all are decided', () => {
    const { ranges: about } = meta;
    const options = meta.options.parse({ ranges: { x: [-1, 2] } });
    expect(about.of(options)).toEqual({ x: [-1, 2] });
    expect(about.of(meta.options.parse({}))).toEqual({});
    expect(about.naming({ x: [-1, 3] })).toEqual({ ranges: { x: [-1, 3] } });
    expect(about.naming({})).toEqual({ ranges: undefined });
  });
});
