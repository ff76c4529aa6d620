/** What a job's thread does: product kernels on two threads, and on one; answers with both results. */
import { gemm } from '../../src/core/kernels/gemm.ts';
import { kernels, useKernelThreads } from '../../src/core/kernels/load.ts';
import { gaussian } from '../../src/core/kernels/testing.ts';
import { startKernelThreads } from '../../src/runtime/kernel-threads.ts';

const N = 389;
const product = () => gemm(N, N, N, gaussian(N * N, 1), gaussian(N * N, 2));

async function answer(): Promise<void> {
  startKernelThreads(2);
  for (let tries = 0; kernels()?.crew?.ready !== true && tries < 500; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const joined = kernels()?.crew?.ready === true;
  const shared = product();
  useKernelThreads(undefined);
  postMessage({ joined, shared, alone: product() });
}

void answer();
