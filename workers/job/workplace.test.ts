import { expect, it } from 'vitest';
import { deviceHost, journeyFolder } from '../../test/support/page-journey.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { deviceLost } from '../../src/runtime/ort-sentences.ts';
import { ORIGINAL } from '../protocol.ts';
import { continueText } from './try-it.ts';
import { workplaceOf } from './workplace.ts';

it('writes on with fresh sessions of WebAssembly where the graphics device is lost', async () => {
  const wasm = await createWasmRuntime({ threads: 1 });
  let runs = 0;
  const gone = {
    ...wasm,
    device: 'webgpu' as const,
    open: async (...args: Parameters<typeof wasm.open>) => ({
      ...(await wasm.open(...args)),
      inputs: [{ name: 'input_ids', dataType: 7, dims: ['batch', 'sequence'] }],
      run: () => {
        runs += 1;
        return Promise.reject(deviceLost());
      },
    }),
  };
  const open = await openModel(await journeyFolder());
  const { trying } = workplaceOf(deviceHost(gone, wasm));
  const write = () =>
    trying(({ pair }) =>
      pair.use(open.model, ORIGINAL, ORIGINAL, (both) => continueText(open, both, 'w1 w5', 3)),
    );
  expect((await write()).original).toHaveLength(3);
  expect(runs).toBe(1);
  await write();
  expect(runs).toBe(1);
});
