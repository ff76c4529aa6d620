import { hardwareCores, isNode, sharesMemory } from './threads.ts';

/** What this host offers, found out by asking, not by looking at its name. */
export interface HostCapabilities {
  readonly host: 'page' | 'node';
  readonly cores: number;
  readonly crossOriginIsolated: boolean;
  /** Rough, as browsers tell it (at most 8 GiB); undefined where they do not. */
  readonly memoryBytes?: number;
  readonly webgpu: WebGpuCapabilities;
  /** Headless only: the native binding is installed. */
  readonly nodeBinding: boolean;
}

export interface WebGpuCapabilities {
  /** A device was really given, not just promised. */
  readonly available: boolean;
  /** For people: "nvidia ampere", "google swiftshader". */
  readonly adapter?: string;
  /** Shaders run on the CPU: correct and slow. */
  readonly software?: boolean;
  readonly maxBufferBytes?: number;
  readonly float16?: boolean;
  /** One sentence: why not available. */
  readonly reason?: string;
}

let probing: Promise<HostCapabilities> | undefined;

/** Probes the host once; later calls get the same answer. */
export function probe(): Promise<HostCapabilities> {
  probing ??= probeNow();
  return probing;
}

async function probeNow(): Promise<HostCapabilities> {
  const memory = (globalThis.navigator as { deviceMemory?: number } | undefined)?.deviceMemory;
  return {
    host: isNode() ? 'node' : 'page',
    cores: hardwareCores(),
    crossOriginIsolated: sharesMemory(),
    ...(memory !== undefined && { memoryBytes: memory * 2 ** 30 }),
    webgpu: await probeWebGpu(globalThis.navigator?.gpu),
    nodeBinding: isNode() && (await hasNodeBinding()),
  };
}

/** Asks for an adapter and a device, and gives the device back. */
export async function probeWebGpu(gpu: GPU | undefined): Promise<WebGpuCapabilities> {
  if (gpu === undefined) {
    return { available: false, reason: 'This browser has no WebGPU.' };
  }
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) {
      return { available: false, reason: 'WebGPU found no graphics adapter it may use.' };
    }
    const device = await adapter.requestDevice();
    device.destroy();
    return describeAdapter(adapter);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { available: false, reason: `The graphics adapter refused to work (${said}).` };
  }
}

function describeAdapter(adapter: GPUAdapter): WebGpuCapabilities {
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const name = [vendor, architecture].filter((part) => part !== '').join(' ') || description;
  return {
    available: true,
    adapter: name === '' ? 'unnamed adapter' : name,
    software: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software/i.test(name),
    maxBufferBytes: Math.min(
      adapter.limits.maxBufferSize,
      adapter.limits.maxStorageBufferBindingSize,
    ),
    float16: adapter.features.has('shader-f16'),
  };
}

async function hasNodeBinding(): Promise<boolean> {
  const binding = 'onnxruntime-node';
  try {
    await import(/* @vite-ignore */ binding);
    return true;
  } catch {
    return false;
  }
}
