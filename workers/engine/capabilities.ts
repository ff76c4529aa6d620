import type { Storage } from '../../src/engine/storage/types.ts';
import { probe } from '../../src/runtime/capabilities.ts';
import type { DeviceChoice } from '../../src/runtime/types.ts';
import type { Capabilities } from '../protocol.ts';

/** What this browser offers, and what runs will use, with the reason. */
export async function capabilities(
  storage: Storage,
  { device, threads, reason }: DeviceChoice,
): Promise<Capabilities> {
  const found = await probe();
  const { available, adapter, software, maxBufferBytes, float16 } = found.webgpu;
  const usage = await storage.usage();
  return {
    device: device === 'webgpu' ? device : 'wasm',
    threads,
    reason: `${reason} ${consequence(device === 'webgpu', available)}`,
    crossOriginIsolated: found.crossOriginIsolated,
    webgpu: {
      available,
      ...(adapter !== undefined && { adapter }),
      ...(software !== undefined && { software }),
      ...(maxBufferBytes !== undefined && { maxBufferBytes }),
      ...(float16 !== undefined && { float16 }),
    },
    ...(usage && { storage: usage }),
  };
}

function consequence(onWebGpu: boolean, available: boolean): string {
  if (onWebGpu) {
    return 'Files may differ from those of WebAssembly in rare roundings; each report says where it was computed.';
  }
  const same = 'The same recipe gives the same bytes in every browser and headless.';
  return available
    ? `${same} WebGPU is used to check every exported file against it.`
    : `${same} There is no WebGPU here, so exported files are not checked against it.`;
}
