import { LatheError } from '../core/errors/lathe-error.ts';
import { createWithFiles, optimizedGraph } from './external-files.ts';
import type { OrtModule } from './ort.ts';
import { ortRuntime } from './ort-runtime.ts';
import { hardwareCores } from './threads.ts';
import type { Runtime } from './types.ts';

/**
 * The native CPU runtime of `onnxruntime-node`, when it is installed. Its u8×s8 products saturate
 * on x86 CPUs without VNNI, so int8 results are judged by WebAssembly, never by this.
 */
export async function createNodeRuntime(options: { threads?: number } = {}): Promise<Runtime> {
  const ort = await loadBinding();
  const threads = Math.max(1, Math.min(options.threads ?? hardwareCores(), hardwareCores()));
  const sessionOptions = { executionProviders: ['cpu'], intraOpNumThreads: threads };
  const create = createWithFiles(ort);
  return {
    ...ortRuntime({ ort, device: 'node', threads, sessionOptions, float16: true, create }),
    optimized: (bytes) => optimizedGraph(ort, bytes, sessionOptions),
  };
}

/** An optional dependency: its name is kept from bundlers and looked up when asked for. */
async function loadBinding(): Promise<OrtModule> {
  const binding = 'onnxruntime-node';
  try {
    const loaded = (await import(/* @vite-ignore */ binding)) as OrtModule & {
      default?: OrtModule;
    };
    return loaded.InferenceSession === undefined && loaded.default ? loaded.default : loaded;
  } catch (error) {
    throw new LatheError(
      'no-onnxruntime-node',
      'The package onnxruntime-node is not installed or cannot be loaded; run `npm install --ignore-scripts onnxruntime-node`, or use `--runtime wasm`.',
      { cause: error instanceof Error ? error.message : String(error) },
    );
  }
}
