import { describe, expect, it } from 'vitest';
import { probe, probeWebGpu, type HostCapabilities } from './capabilities.ts';
import { chooseDevice } from './choose-device.ts';
import { wasmThreads } from './threads.ts';

const page: HostCapabilities = {
  host: 'page',
  cores: 8,
  crossOriginIsolated: true,
  webgpu: { available: true, adapter: 'nvidia ampere', software: false, float16: true },
  nodeBinding: false,
};
const noGpu = { ...page, webgpu: { available: false, reason: 'This browser has no WebGPU.' } };
const headless: HostCapabilities = { ...noGpu, host: 'node', nodeBinding: true };

describe('chooseDevice', () => {
  const cases: readonly [string, HostCapabilities, Parameters<typeof chooseDevice>[1], object][] = [
    [
      'a real adapter',
      page,
      {},
      {
        device: 'webgpu',
        threads: 1,
        reason: 'WebGPU on nvidia ampere, because it passed its probes.',
      },
    ],
    [
      'no WebGPU',
      noGpu,
      {},
      {
        device: 'wasm',
        threads: 4,
        reason: 'WebAssembly with 4 threads, because this browser has no WebGPU.',
      },
    ],
    [
      'software adapter',
      {
        ...page,
        cores: 2,
        webgpu: { available: true, adapter: 'google swiftshader', software: true },
      },
      {},
      {
        device: 'wasm',
        threads: 1,
        reason:
          'WebAssembly, because the only WebGPU adapter (google swiftshader) is slow software.',
      },
    ],
    [
      'software adapter, asked for',
      { ...page, webgpu: { available: true, adapter: 'google swiftshader', software: true } },
      { device: 'webgpu' },
      {
        device: 'webgpu',
        threads: 1,
        reason: 'WebGPU on google swiftshader, because you chose it.',
      },
    ],
    [
      'no adapter, WebGPU asked for',
      {
        ...page,
        webgpu: { available: false, reason: 'WebGPU found no graphics adapter it may use.' },
      },
      { device: 'webgpu', threads: 2 },
      {
        device: 'wasm',
        threads: 2,
        reason: 'WebAssembly with 2 threads, because WebGPU found no graphics adapter it may use.',
      },
    ],
    [
      'not isolated',
      { ...page, crossOriginIsolated: false },
      { device: 'wasm' },
      {
        device: 'wasm',
        threads: 1,
        reason:
          'WebAssembly, because you chose it; one thread, because the page is not cross-origin isolated.',
      },
    ],
    [
      'headless',
      headless,
      {},
      {
        device: 'wasm',
        threads: 4,
        reason: 'WebAssembly with 4 threads, because its results are the same on every machine.',
      },
    ],
    [
      'headless, native asked for',
      headless,
      { device: 'node' },
      { device: 'node', threads: 8, reason: 'onnxruntime-node, because you chose it.' },
    ],
    [
      'headless, native not installed',
      { ...headless, cores: 1, nodeBinding: false },
      { device: 'node' },
      {
        device: 'wasm',
        threads: 1,
        reason: 'WebAssembly, because onnxruntime-node is not installed.',
      },
    ],
    [
      'headless, WebGPU asked for',
      { ...headless, cores: 3 },
      { device: 'webgpu' },
      {
        device: 'wasm',
        threads: 2,
        reason: 'WebAssembly with 2 threads, because WebGPU runs only in a browser.',
      },
    ],
  ];
  it.each(cases)('%s', (_, capabilities, wish, choice) => {
    expect(chooseDevice(capabilities, wish)).toEqual(choice);
  });
});

describe('wasmThreads', () => {
  it('leaves a core free, takes at most four, and as many as are wished for', () => {
    const threads = (cores: number, wish?: number) =>
      wasmThreads({ cores, sharedMemory: true, wish });
    expect([1, 2, 4, 16].map((cores) => threads(cores))).toEqual([1, 1, 3, 4]);
    expect([threads(2, 2), threads(2, 9), threads(8, 6), threads(8, 0)]).toEqual([2, 9, 6, 1]);
    expect(wasmThreads({ cores: 8, sharedMemory: false, wish: 4 })).toBe(1);
  });
});

describe('probe', () => {
  it('tells what Node offers', async () => {
    const found = await probe();
    expect(found.host).toBe('node');
    expect(found.cores).toBeGreaterThan(0);
    expect(found.webgpu).toEqual({ available: false, reason: 'This browser has no WebGPU.' });
    expect(await probe()).toBe(found);
  });

  it('believes an adapter only when it gives a device', async () => {
    const refusing = {
      requestAdapter: async () => ({
        requestDevice: () => Promise.reject(new Error('no queue')),
      }),
    };
    expect(await probeWebGpu(refusing as unknown as GPU)).toEqual({
      available: false,
      reason: 'The graphics adapter refused to work (no queue).',
    });
    const none = { requestAdapter: async () => null };
    expect(await probeWebGpu(none as unknown as GPU)).toEqual({
      available: false,
      reason: 'WebGPU found no graphics adapter it may use.',
    });
  });
});
