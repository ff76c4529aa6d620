import { afterAll, describe, expect, it } from 'vitest';
import { gemm } from '../core/kernels/gemm.ts';
import { gptq } from '../core/kernels/gptq.ts';
import { kernels, useKernelThreads } from '../core/kernels/load.ts';
import { accumulateSecondMoments } from '../core/kernels/syrk.ts';
import { gaussian } from '../core/kernels/testing.ts';
import { cholesky } from '../core/linalg/cholesky.ts';
import { symmetricEigen } from '../core/linalg/eigen.ts';
import { kernelThreads } from './kernel-threads.ts';

const threads = kernelThreads(3);
afterAll(() => useKernelThreads(undefined));

/** No multiple of a tile, a strip or a part. */
const [ROWS, COLUMNS, TOKENS] = [531, 389, 700];
const w = gaussian(ROWS * COLUMNS, 1);
const x = gaussian(TOKENS * COLUMNS, 2);
const h = moments();

function moments(): Float32Array {
  const sum = new Float32Array(COLUMNS ** 2);
  accumulateSecondMoments(sum, x, TOKENS, COLUMNS);
  return sum;
}

/** What `compute` gives on this thread alone, and on three; waits until the others take part. */
async function both<T>(compute: () => T): Promise<readonly [T, T]> {
  useKernelThreads(undefined);
  const alone = compute();
  useKernelThreads(threads);
  while (kernels()?.crew?.ready !== true) await new Promise((resolve) => setTimeout(resolve, 5));
  return [alone, compute()];
}

/** WHY as bytes: comparing arrays value by value takes seconds. */
function bits(...arrays: readonly ArrayBufferView[]): string[] {
  return arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength).toString('base64'));
}

describe('kernels on several threads give the bits of one', () => {
  it('products', async () => {
    const wide = { transposeB: true, alpha: -0.5 };
    const [alone, shared] = await both(() =>
      bits(gemm(ROWS, COLUMNS, COLUMNS, w, h), gemm(ROWS, TOKENS, COLUMNS, w, x, wide)),
    );
    expect(shared).toEqual(alone);
  });

  it('second moments', async () => {
    const [alone, shared] = await both(() => bits(moments()));
    expect(shared).toEqual(alone);
  });

  it('Cholesky factors', async () => {
    const [alone, shared] = await both(() => bits(cholesky(h, COLUMNS)));
    expect(shared).toEqual(alone);
  });

  it('eigenvalues and vectors', async () => {
    const [alone, shared] = await both(() => {
      const { values, vectors } = symmetricEigen(h, COLUMNS);
      return bits(values, vectors);
    });
    expect(shared).toEqual(alone);
  });

  it.each([COLUMNS, 32])('GPTQ in groups of %i', async (groupSize) => {
    const options = { bits: 4, groupSize, range: 'minmax', order: 'activation' } as const;
    const [alone, shared] = await both(() => {
      const { codes, scales, zeros, quantized } = gptq(w, ROWS, COLUMNS, h, options);
      return bits(codes, scales, zeros ?? codes, quantized);
    });
    expect(shared).toEqual(alone);
  });
});

it('threads take another invitation after the kernels were dropped', async () => {
  const [alone, shared] = await both(() => bits(gemm(ROWS, COLUMNS, COLUMNS, w, h)));
  expect(shared).toEqual(alone);
  const again = await both(() => bits(gemm(ROWS, COLUMNS, COLUMNS, w, h)));
  expect(again[1]).toEqual(alone);
});

it('a part that fails is one sentence, and the others end', async () => {
  await both(() => 0);
  const crew = kernels()?.crew;
  // Far beyond the memory: every thread that takes one traps.
  const operands = { l: 0, lStride: 1, n: 64, b: 2 ** 32 - 64, bStride: 64, rows: 16, work: 0 };
  const parts = Array.from({ length: 64 }, () => ({ kernel: 'solveRows', operands }) as const);
  expect(() => crew?.run(parts, 0)).toThrow(
    'One of the threads that compute beside the main one stopped with an error; run this again, with --threads 1 if it stays.',
  );
});
