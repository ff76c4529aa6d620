/** A thread for one question: a driver that breaks takes nobody along. */
import { expose } from 'comlink';
import { checkDevice } from '../src/runtime/formats/check-device.ts';
import type { Support } from '../src/runtime/formats/support.ts';
import { installErrorCodec } from './errors.ts';

installErrorCodec();

export interface GpuCheck {
  /** Whether the graphics device computes right. */
  check(): Promise<Support>;
}

const worker: GpuCheck = {
  async check() {
    const { createWebGpuRuntime } = await import('../src/runtime/ort-webgpu.ts');
    const runtime = await createWebGpuRuntime();
    try {
      return await checkDevice(runtime);
    } finally {
      runtime.gpu.destroy();
    }
  },
};

expose(worker);
