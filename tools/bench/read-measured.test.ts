import { expect, it } from 'vitest';
import { readMeasured } from './read-measured.ts';

it('reads goals from every kind of line the benchmarks print, and nothing else', () => {
  const output = [
    'medians, n = 7 (GEMM, logits × 3, rounding × 5)                                        ',
    'GEMM 768: rate / onnxruntime-web wasm       30.1 / 20.5 GFLOP/s = 1.47  goal ≥ 1.3 (768–1024)',
    "RTN 4-bit block 32 symmetric             4.71 GB/s, 0.31 of a copy's  goal ≥ 0.24 of a copy",
    'growth of GPTQ in size                                           2.61  goal ≤ 2.9',
    'GPTQ 512² per channel: time / PyTorch                10 / 40 ms = 0.25  goal ',
    'open / read the bytes                        1.01  ≤ 1.05 ok      300 ms / 297 ms',
    'save / write the bytes                       1.25  > 1.15 MISSED  300 ms / 240 ms',
    'the same, streamed from disk                 1.00                 300 ms',
    'session creation / bare                      1.100  goal ≤ 1.15     641 / 583 ms, n = 7',
  ].join('\n');
  expect(
    readMeasured(output).map(({ what, value, goal, note }) => [what, value, goal, note]),
  ).toEqual([
    [
      'GEMM 768: rate / onnxruntime-web wasm',
      1.47,
      { relation: '≥', limit: 1.3 },
      '30.1 / 20.5 GFLOP/s = 1.47, (768–1024)',
    ],
    [
      'RTN 4-bit block 32 symmetric',
      0.31,
      { relation: '≥', limit: 0.24 },
      "4.71 GB/s, 0.31 of a copy's, of a copy",
    ],
    ['growth of GPTQ in size', 2.61, { relation: '≤', limit: 2.9 }, ''],
    ['open / read the bytes', 1.01, { relation: '≤', limit: 1.05 }, '300 ms / 297 ms'],
    ['save / write the bytes', 1.25, { relation: '≤', limit: 1.15 }, '300 ms / 240 ms'],
    ['session creation / bare', 1.1, { relation: '≤', limit: 1.15 }, '641 / 583 ms, n = 7'],
  ]);
});
