import { LatheError } from '../../src/core/errors/lathe-error.ts';
import { WASM_HEAP, type Host } from '../../src/engine/host.ts';
import { probe } from '../../src/runtime/capabilities.ts';
import { chooseDevice } from '../../src/runtime/choose-device.ts';
import type { WebGpuRuntime } from '../../src/runtime/ort-webgpu.ts';
import { RunMemory } from '../../src/runtime/remembering.ts';
import type { DeviceChoice, Runtime } from '../../src/runtime/types.ts';
import { canHoldRuns, holdRun } from '../run-locks.ts';
import { workerStorage } from '../storage.ts';

/** Opens something once, when first asked for. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}

/**
 * One graphics device for a thread's life: after a loss onnxruntime does not work on another one in the same
 * thread ("Failed to wait for the operation"), so the engine ends threads that lost theirs.
 *
 * Everything heavy runs on the chosen device, and on WebAssembly where that fails. The other one, if there
 * is WebGPU, is opened for the parity check alone.
 */
export async function jobHost({ device, reason }: DeviceChoice, page: string): Promise<Host> {
  const wasm = once(wasmRuntime);
  const gpu = once(webgpuRuntime);
  const { webgpu } = await probe();
  const computes = device === 'webgpu';
  return {
    storage: await workerStorage(),
    runtime: computes ? gpu : wasm,
    ...(computes && { fallback: wasm }),
    ...(computes && webgpu.adapter !== undefined && { adapter: webgpu.adapter }),
    device: computes ? device : 'wasm',
    deviceReason: reason,
    webgpu: async () => (webgpu.available ? gpu() : undefined),
    ...(canHoldRuns() && { holdRun: holdRun(page) }),
    memoryLimit: WASM_HEAP,
    now: () => Date.now(),
    statistics: new Map(),
    originals: new RunMemory(),
  };
}

async function wasmRuntime(): Promise<Runtime> {
  const { threads } = chooseDevice(await probe(), { device: 'wasm' });
  const { createWasmRuntime } = await import('../../src/runtime/ort-wasm.ts');
  return createWasmRuntime({ threads });
}

async function webgpuRuntime(): Promise<WebGpuRuntime> {
  const { createWebGpuRuntime } = await import('../../src/runtime/ort-webgpu.ts');
  try {
    return await createWebGpuRuntime();
  } catch (error) {
    if (error instanceof LatheError) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new LatheError('no-webgpu', `The graphics device could not be opened (${said}).`);
  }
}
