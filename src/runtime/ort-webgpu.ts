import * as ort from 'onnxruntime-web/webgpu';
import { LatheError } from '../core/errors/lathe-error.ts';
import { ortRuntime } from './ort-runtime.ts';
import type { Runtime } from './types.ts';

/** A WebGPU runtime, with its device for kernels of our own and for tests. */
export interface WebGpuRuntime extends Runtime {
  readonly gpu: GPUDevice;
  readonly float16: boolean;
}

/**
 * The GPU runtime (native WebGPU build). It makes the device itself, because only then can it
 * listen for its loss; all sessions share it. CPU fallbacks inside run on one thread.
 */
export async function createWebGpuRuntime(): Promise<WebGpuRuntime> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter({
    powerPreference: 'high-performance',
  });
  if (!adapter) throw noAdapter();
  const gpu = await requestDevice(adapter);
  ort.env.wasm.numThreads = 1;
  const float16 = gpu.features.has('shader-f16');
  const runtime = ortRuntime({
    ort,
    device: 'webgpu',
    threads: 1,
    sessionOptions: { executionProviders: [{ name: 'webgpu', device: gpu }] },
    float16,
    lost: gpu.lost,
  });
  return { ...runtime, gpu, float16 };
}

/** Every limit and feature the adapter has that ORT's kernels can use. */
function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const wanted = ['shader-f16', 'subgroups', 'timestamp-query'] as const;
  const { limits } = adapter;
  return adapter.requestDevice({
    requiredFeatures: wanted.filter((name) => adapter.features.has(name)),
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
      maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    },
  });
}

function noAdapter(): LatheError {
  return new LatheError(
    'no-webgpu',
    'This browser offers no WebGPU adapter; take WebAssembly, which runs everywhere.',
  );
}
