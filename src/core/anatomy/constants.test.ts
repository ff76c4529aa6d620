import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { storiesModel } from '../../../test/support/stories.ts';
import { makeTensor } from '../onnx/graph/make.ts';
import { normEpsilon, rotaryOf } from './constants.ts';
import { recognise } from './recognise.ts';

describe('ε of the norms', () => {
  it.each([
    ['gpt2 plain, opset 11', 1e-5],
    ['llama halves, opset 13', 1e-5],
    ['llama halves, GroupQueryAttention', 1e-5],
    ['bert plain, opset 11', 1e-12],
    ['bert fused, Attention', 1e-12],
    ['t5 plain, opset 13', 1e-6],
  ])('of %s', (name, expected) => {
    const fixture = layoutFixtures.find((one) => one.name === name);
    expect(fixture && normEpsilon(fixture.model().graph)).toBe(expected);
  });

  it('is unknown without norms', () => {
    const { graph } = storiesModel().model;
    expect(normEpsilon({ ...graph, nodes: [] })).toBeUndefined();
  });
});

describe('rotary frequencies', () => {
  const rotary = layoutFixtures.filter(({ name }) => name.startsWith('llama'));

  it.each(rotary.map((fixture) => [fixture.name, fixture] as const))('of %s', async (_, one) => {
    const model = one.model();
    const { headSize = 0 } = recognise(model).blocks[0];
    const found = await rotaryOf(model.graph, headSize);
    const half = headSize / 2;
    expect(found?.frequencies).toHaveLength(half);
    found?.frequencies.forEach((frequency, i) => {
      const expected = 10000 ** (-i / half);
      // Sines of float32: 2⁻²⁴ of each, and what asin makes of it near 1.
      expect(Math.abs(frequency / expected - 1)).toBeLessThan(2 ** -22);
    });
    expect([32, Infinity]).toContain(found?.maxPositions);
  });

  it('are read from a table of cosines that holds each angle twice', async () => {
    const [half, rows] = [4, 6];
    const table = Float32Array.from({ length: rows * 2 * half }, (_, k) =>
      Math.cos(Math.floor(k / (2 * half)) * 0.5 ** Math.floor((k % (2 * half)) / 2) * 1),
    );
    const { graph } = storiesModel().model;
    const only = { ...graph, nodes: [], initializers: [makeTensor('t', [1, 1, rows, 8], table)] };
    const found = await rotaryOf(only, 2 * half);
    expect(found?.maxPositions).toBe(rows);
    found?.frequencies.forEach((f, i) => expect(f).toBeCloseTo(0.5 ** i, 5));
  });

  it('are unknown where nothing is stored', async () => {
    const { graph } = storiesModel().model;
    expect(await rotaryOf({ ...graph, initializers: [] }, 8)).toBeUndefined();
  });
});
