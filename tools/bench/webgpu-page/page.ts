/** Runs the jobs of the benchmark inside a page; `../webgpu.ts` asks. */
import { probe } from '../../../src/runtime/capabilities.ts';
import { createWasmRuntime } from '../../../src/runtime/ort-wasm.ts';
import type { Runtime } from '../../../src/runtime/types.ts';
import { JOBS, type Job, type Scale } from './jobs.ts';

/** Results of both devices and the milliseconds of each counted run, the two taking turns. */
export interface Compared {
  readonly results: { readonly wasm: number; readonly webgpu: number };
  readonly times: { readonly wasm: number[]; readonly webgpu: number[] };
  readonly threads: number;
}

async function adapter() {
  return (await probe()).webgpu;
}

let opening: Promise<Record<'wasm' | 'webgpu', Runtime>> | undefined;

async function openBoth() {
  const { createWebGpuRuntime } = await import('../../../src/runtime/ort-webgpu.ts');
  return {
    wasm: await createWasmRuntime({ threads: navigator.hardwareConcurrency }),
    webgpu: await createWebGpuRuntime(),
  };
}

async function timed(job: Job, times: number[], counts: boolean): Promise<number> {
  const start = performance.now();
  const result = await job.run();
  if (counts) times.push(performance.now() - start);
  return result;
}

async function compare(name: string, scale: Scale, runs: number): Promise<Compared> {
  const runtimes = await (opening ??= openBoth());
  const jobs = {
    wasm: await JOBS[name](runtimes.wasm, scale),
    webgpu: await JOBS[name](runtimes.webgpu, scale),
  };
  const times = { wasm: [] as number[], webgpu: [] as number[] };
  const results = { wasm: NaN, webgpu: NaN };
  for (let run = -1; run < runs; run++) {
    for (const device of ['wasm', 'webgpu'] as const)
      results[device] = await timed(jobs[device], times[device], run >= 0);
  }
  await jobs.wasm.release();
  await jobs.webgpu.release();
  return { results, times, threads: runtimes.wasm.threads };
}

Object.assign(globalThis, { adapter, compare, jobs: Object.keys(JOBS) });
