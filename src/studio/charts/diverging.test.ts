import { expect, it } from 'vitest';
import { divergingPixels, robustExtent } from './diverging.ts';

it('is white at zero, red below, blue above, and symmetric in lightness', () => {
  const [low, zero, high] = [0, 4, 8].map((at) => [
    ...divergingPixels(new Float32Array([-1, 0, 1]), 1).slice(at, at + 4),
  ]);
  expect(low[0]).toBeGreaterThan(low[2]);
  expect(high[2]).toBeGreaterThan(high[0]);
  expect(Math.min(...zero)).toBeGreaterThan(235);
});

it('survives values outside the scale, an empty scale and outliers', () => {
  expect(divergingPixels(new Float32Array([-9, 9]), 1)).toEqual(
    divergingPixels(new Float32Array([-1, 1]), 1),
  );
  expect(divergingPixels(new Float32Array([0, 0]), 0)).toHaveLength(8);
  const values = Float32Array.from({ length: 1000 }, (_, at) => (at === 0 ? 100 : 1));
  expect(robustExtent(values)).toBe(1);
});
