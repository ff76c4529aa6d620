import { expect, it } from 'vitest';
import type { HostCapabilities } from '../../src/runtime/capabilities.ts';
import { deviceFor } from './device.ts';

const page: HostCapabilities = {
  host: 'page',
  cores: 2,
  crossOriginIsolated: true,
  nodeBinding: false,
  webgpu: { available: true, adapter: 'nvidia ampere', software: false },
};
const software = { ...page, webgpu: { available: true, adapter: 'swiftshader', software: true } };
const right = async () => ({ ok: true });
const never = () => Promise.reject(new Error('nobody is asked'));

it('takes a graphics card that passes its probes', async () => {
  expect(await deviceFor('auto', page, right)).toEqual({
    device: 'webgpu',
    threads: 1,
    reason: 'WebGPU on nvidia ampere, because it passed its probes.',
  });
});

it('takes WebAssembly where a probe fails, and says which', async () => {
  const wrong = async () => ({ ok: false, reason: 'This device computes the form "x" wrongly.' });
  for (const wish of ['auto', 'webgpu'] as const) {
    const { device, reason } = await deviceFor(wish, page, wrong);
    expect(device).toBe('wasm');
    expect(reason).toMatch(
      /^WebAssembly.*, because the graphics adapter \(nvidia ampere\) failed its probe: This device computes the form "x" wrongly\.$/,
    );
  }
});

it('never takes a software adapter by itself, but when it is told to', async () => {
  expect(await deviceFor('auto', software, never)).toMatchObject({ device: 'wasm' });
  expect(await deviceFor('webgpu', software, right)).toMatchObject({ device: 'webgpu' });
});

it('stays reproducible where that is wanted, without asking anything', async () => {
  const { device, reason } = await deviceFor('wasm', page, never);
  expect(device).toBe('wasm');
  expect(reason).toMatch(/^WebAssembly.*, because you chose it\.$/);
});
