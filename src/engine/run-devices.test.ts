import { describe, expect, it } from 'vitest';
import { deviceHost, journey, journeyRecipe, LOST } from '../../test/support/page-journey.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import { createWasmRuntime } from '../runtime/ort-wasm.ts';
import { deviceLost } from '../runtime/ort-sentences.ts';
import type { Runtime } from '../runtime/types.ts';
import { RunDevices } from './run-devices.ts';

const wasm = await createWasmRuntime({ threads: 1 });

/** WebAssembly that calls itself a graphics device, and refuses what it is told to. */
function graphics(refuse: () => LatheError | undefined): Runtime {
  return {
    ...wasm,
    device: 'webgpu',
    async open(model, options) {
      const error = refuse();
      if (error !== undefined) throw error;
      return wasm.open(model, options);
    },
  };
}

function refused(): LatheError {
  return new LatheError('unsupported-operator', 'The operator X has no implementation on WebGPU.');
}

describe('the devices of a run', () => {
  it('are those of WebAssembly after the first failure of the graphics device', async () => {
    const notices: string[] = [];
    const computers = deviceHost(
      graphics(() => undefined),
      wasm,
    );
    const devices = new RunDevices(computers, (sentence) => notices.push(sentence));
    expect(devices.device).toBe('webgpu');
    let tries = 0;
    const result = await devices.attempt(async () => {
      tries += 1;
      if (tries === 1) throw deviceLost();
      return (await devices.runtime()).device;
    });
    expect([result, devices.device, tries]).toEqual(['wasm', 'wasm', 2]);
    expect(notices).toEqual([LOST]);
    expect(devices.sentences).toEqual([LOST]);
    await expect(devices.attempt(() => Promise.reject(deviceLost()))).rejects.toThrow(LOST);
  });

  it('do nothing again for what is no fault of the device', async () => {
    const devices = new RunDevices(
      deviceHost(
        graphics(() => undefined),
        wasm,
      ),
    );
    const wrong = new LatheError('input-shape', 'The array has the wrong shape.');
    await expect(devices.attempt(() => Promise.reject(wrong))).rejects.toBe(wrong);
    expect(devices.device).toBe('webgpu');
  });

  it('have nothing to fall back on where there is one', async () => {
    const devices = new RunDevices(deviceHost(wasm));
    await expect(devices.attempt(() => Promise.reject(deviceLost()))).rejects.toThrow(LOST);
  });
});

describe('a run on a graphics device', () => {
  it('that refuses an operator is done on WebAssembly, byte for byte, and says why', async () => {
    const reference = await journey(deviceHost(wasm), journeyRecipe());
    const trial = await journey(deviceHost(graphics(refused), wasm), journeyRecipe());
    expect(trial.report?.warnings).toEqual([
      'WebGPU failed at a part of this run, which was done again on WebAssembly like all that followed. It said: The operator X has no implementation on WebGPU.',
    ]);
    expect(trial.report?.device).toEqual({ bytes: ['wasm'], measured: 'wasm' });
    expect(trial.report?.outputSha256).toBe(reference.report?.outputSha256);
    expect(trial.id).toBe(reference.id);
  });

  it('that fails at measuring keeps the bytes and their device', async () => {
    let failing = false;
    const device = graphics(() => (failing ? refused() : undefined));
    const trial = await journey(deviceHost(device, wasm), journeyRecipe(), {
      progress: ({ stage }) => (failing ||= stage === 'Writing the file'),
    });
    expect(trial.report?.device).toEqual({ bytes: ['webgpu'], measured: 'wasm' });
    expect(trial.report?.evaluation?.compressed.perplexity?.value).toBeGreaterThan(1);
    expect(trial.report?.warnings).toHaveLength(1);
  });

  it('keeps its stages and its trials apart from those of WebAssembly', async () => {
    const first = deviceHost(wasm);
    const reference = await journey(first, journeyRecipe());
    const details: (string | undefined)[] = [];
    const host = {
      ...deviceHost(
        graphics(() => undefined),
        wasm,
      ),
      storage: first.storage,
      statistics: first.statistics,
    };
    const trial = await journey(host, journeyRecipe(), {
      progress: ({ detail }) => details.push(detail),
    });
    expect(trial.id).not.toBe(reference.id);
    expect(details).not.toContain('kept from an earlier run');
    const again: (string | undefined)[] = [];
    await journey(host, journeyRecipe(), { progress: ({ detail }) => again.push(detail) });
    expect(again).toContain('kept from an earlier run');
  });
});
