import type { Storage } from '../../src/engine/storage/types.ts';
import { probe } from '../../src/runtime/capabilities.ts';
import { chooseDevice } from '../../src/runtime/choose-device.ts';
import type { Capabilities } from '../protocol.ts';

/** What this browser offers, and what runs will use, with the reason. */
export async function capabilities(storage: Storage): Promise<Capabilities> {
  const found = await probe();
  const { threads } = chooseDevice(found, { device: 'wasm' });
  const { available, adapter, maxBufferBytes, float16 } = found.webgpu;
  const usage = await storage.usage();
  return {
    device: 'wasm',
    threads,
    reason: reasonFor(threads, found.crossOriginIsolated, available),
    crossOriginIsolated: found.crossOriginIsolated,
    webgpu: {
      available,
      ...(adapter !== undefined && { adapter }),
      ...(maxBufferBytes !== undefined && { maxBufferBytes }),
      ...(float16 !== undefined && { float16 }),
    },
    ...(usage && { storage: usage }),
  };
}

function reasonFor(threads: number, isolated: boolean, webgpu: boolean): string {
  const name = threads === 1 ? 'WebAssembly on one thread' : `WebAssembly on ${threads} threads`;
  const why = 'because its results are the same bytes in every browser and headless';
  const gpu = webgpu
    ? 'WebGPU is used to check every exported file against it.'
    : 'There is no WebGPU here, so exported files are not checked against it.';
  const single = isolated
    ? ''
    : ' This page is not cross-origin isolated, so there is one thread only.';
  return `${name}, ${why}. ${gpu}${single}`;
}
