import { expect, it } from 'vitest';
import { slowerThanOriginal } from './latency.ts';

const took = (median: number, p90 = median) => ({ median, p90, n: 10 });
const pair = (original: number, compressed: number) => ({
  original: took(original),
  compressed: took(compressed),
});

it('names every length at which the compressed model takes longer', () => {
  const latency = {
    wasm: {
      ...pair(100, 270),
      short: { tokens: 16, ...pair(100, 270) },
      long: { tokens: 256, ...pair(1000, 1010) },
    },
    node: { ...pair(10, 12) },
    webgpu: { ...pair(10, 5), short: { tokens: 16, ...pair(10, 5) } },
  };
  expect(slowerThanOriginal(latency)).toEqual([
    '2.7× slower at 16 tokens on WASM',
    '1.2× slower on onnxruntime-node',
  ]);
});

it('is silent about what lies within the spread of the original', () => {
  expect(slowerThanOriginal({ wasm: pair(100, 109) })).toEqual([]);
  expect(slowerThanOriginal({ wasm: { original: took(100, 140), compressed: took(130) } })).toEqual(
    [],
  );
  expect(slowerThanOriginal({ wasm: pair(0, 0) })).toEqual([]);
  expect(slowerThanOriginal({})).toEqual([]);
});
