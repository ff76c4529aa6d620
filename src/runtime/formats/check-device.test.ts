import { expect, it } from 'vitest';
import { DataType } from '../../core/tensor/data-type.ts';
import { createWasmRuntime } from '../ort-wasm.ts';
import type { Runtime, Session } from '../types.ts';
import { checkDevice, DEVICE_PROBES } from './check-device.ts';

const wasm = await createWasmRuntime({ threads: 1 });

it('probes every form that is a product once', () => {
  expect(DEVICE_PROBES.length).toBeGreaterThan(5);
  expect(new Set(DEVICE_PROBES).size).toBe(DEVICE_PROBES.length);
});

it('takes a device that computes right', async () => {
  expect(await checkDevice({ ...wasm })).toEqual({ ok: true });
});

it('takes one that refuses a form, for a job can go elsewhere', async () => {
  const refusing: Runtime = { ...wasm, open: () => Promise.reject(new Error('no kernel')) };
  expect(await checkDevice(refusing)).toEqual({ ok: true });
});

it('does not take one that computes a form wrongly, and names it', async () => {
  const wrong: Runtime = { ...wasm, open: async (model) => doubled(await wasm.open(model)) };
  const answer = await checkDevice(wrong);
  expect(answer.ok).toBe(false);
  expect(answer.reason).toMatch(
    /^This device computes the form ".+" wrongly \(off by 1\.0e\+2 % of the largest result\)\.$/,
  );
});

function doubled(session: Session): Session {
  return {
    inputs: session.inputs,
    outputs: session.outputs,
    runOnDevice: (feeds) => session.runOnDevice(feeds),
    release: () => session.release(),
    run: async (feeds) => {
      const { y } = await session.run(feeds);
      const data = (y.data as Float32Array).map((value) => 2 * value);
      return { y: { dataType: DataType.float32, dims: y.dims, data } };
    },
  };
}
