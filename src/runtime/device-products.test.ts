import { expect, it } from 'vitest';
import { errorOff, momentsOff } from '../../test/support/device-products.ts';
import { deviceMoments } from './looks/device-moments.ts';
import { createWasmRuntime } from './ort-wasm.ts';

const wasm = await createWasmRuntime({ threads: 1 });

it('sums XᵀX over batches within float32 rounding, exactly symmetric', async () => {
  expect(await momentsOff(wasm)).toBeLessThan(1);
});

it("gives a layer's error within float32 rounding", async () => {
  expect(await errorOff(wasm)).toBeLessThan(1);
});

it('says which channel is not finite', async () => {
  const moments = deviceMoments(wasm, 2);
  await moments.add(Float32Array.of(1, 2, 3, NaN), 2);
  await expect(moments.finish()).rejects.toThrow(
    'The calibration data drives the input of this layer to NaN or infinity (first in channel 1 of 2); check the data, or use a float32 model.',
  );
});
