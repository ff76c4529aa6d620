import type { HostCapabilities } from './capabilities.ts';
import { wasmThreads } from './threads.ts';
import type { Device, DeviceChoice } from './types.ts';

/** What the user asked for. */
export interface DeviceWish {
  readonly device?: Device;
  readonly threads?: number;
}

/**
 * The device to compute on, with its reason in one sentence: the one wished for where it exists;
 * else WebGPU on a real graphics card (its probes are asked afterwards: `checkDevice`); else WebAssembly with threads; else WebAssembly. Headless,
 * WebAssembly is the default because its results are the same bytes on every machine.
 */
export function chooseDevice(capabilities: HostCapabilities, wish: DeviceWish = {}): DeviceChoice {
  if (wish.device === 'webgpu') return wishedWebGpu(capabilities, wish);
  if (wish.device === 'node') return wishedNode(capabilities, wish);
  if (wish.device === 'wasm') return wasm(capabilities, wish, 'you chose it');
  const { host, webgpu } = capabilities;
  if (host === 'node') {
    return wasm(capabilities, wish, 'its results are the same on every machine');
  }
  if (webgpu.available && webgpu.software !== true)
    return onWebGpu(webgpu.adapter, 'it passed its probes');
  return wasm(capabilities, wish, whyNotWebGpu(capabilities));
}

function wishedWebGpu(capabilities: HostCapabilities, wish: DeviceWish): DeviceChoice {
  const { webgpu } = capabilities;
  if (webgpu.available) return onWebGpu(webgpu.adapter, 'you chose it');
  return wasm(capabilities, wish, whyNotWebGpu(capabilities));
}

function wishedNode(capabilities: HostCapabilities, wish: DeviceWish): DeviceChoice {
  if (!capabilities.nodeBinding) {
    return wasm(capabilities, wish, 'onnxruntime-node is not installed');
  }
  const threads = Math.max(1, Math.min(wish.threads ?? capabilities.cores, capabilities.cores));
  return { device: 'node', threads, reason: 'onnxruntime-node, because you chose it.' };
}

function onWebGpu(adapter: string | undefined, because: string): DeviceChoice {
  return {
    device: 'webgpu',
    threads: 1,
    reason: `WebGPU on ${adapter ?? 'the graphics adapter'}, because ${because}.`,
  };
}

function whyNotWebGpu({ host, webgpu }: HostCapabilities): string {
  if (host === 'node') return 'WebGPU runs only in a browser';
  if (webgpu.available) return `the only WebGPU adapter (${webgpu.adapter}) is slow software`;
  const reason = webgpu.reason ?? 'WebGPU is not available.';
  return lowerFirst(reason.replace(/\.$/, ''));
}

function wasm(capabilities: HostCapabilities, wish: DeviceWish, because: string): DeviceChoice {
  const { cores, crossOriginIsolated } = capabilities;
  const threads = wasmThreads({ cores, sharedMemory: crossOriginIsolated, wish: wish.threads });
  const single = crossOriginIsolated
    ? ''
    : '; one thread, because the page is not cross-origin isolated';
  const name = threads === 1 ? 'WebAssembly' : `WebAssembly with ${threads} threads`;
  return { device: 'wasm', threads, reason: `${name}, because ${because}${single}.` };
}

/** "This browser …" inside a sentence, but "WebGPU …" as it is. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]+ /.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
