import { startKernelThreads } from './kernel-threads.ts';
import type { OrtModule } from './ort.ts';
import { ortRuntime } from './ort-runtime.ts';
import { hardwareCores, isNode, sharesMemory, wasmThreads } from './threads.ts';
import type { Runtime } from './types.ts';

export interface WasmOptions {
  /** Threads wanted; default: see `wasmThreads`. */
  readonly threads?: number;
}

let loading: Promise<OrtModule> | undefined;

/**
 * The CPU runtime, in pages and headless: the same WebAssembly binary in both.
 * The number of threads is fixed by the first runtime of a worker; later ones report that number.
 */
export async function createWasmRuntime(options: WasmOptions = {}): Promise<Runtime> {
  const threads = wasmThreads({
    cores: hardwareCores(),
    sharedMemory: sharesMemory(),
    wish: options.threads,
  });
  startKernelThreads(threads);
  loading ??= loadWasm(threads);
  const ort = await loading;
  return ortRuntime({
    ort,
    device: 'wasm',
    threads: ort.env.wasm.numThreads ?? 1,
    sessionOptions: { executionProviders: ['wasm'] },
    float16: true,
  });
}

async function loadWasm(threads: number): Promise<OrtModule> {
  const ort: OrtModule = isNode() ? await loadForNode() : await import('onnxruntime-web/wasm');
  ort.env.wasm.numThreads = threads;
  return ort;
}

/**
 * Under Node the package's bare name means its Node build of the CPU binary; only that one can start
 * threads there. The name is kept from bundlers, for which it would mean the deprecated JSEP build.
 */
function loadForNode(): Promise<OrtModule> {
  const nodeBuild = 'onnxruntime-web';
  return import(/* @vite-ignore */ nodeBuild) as Promise<OrtModule>;
}
