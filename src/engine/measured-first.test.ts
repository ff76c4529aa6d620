import { describe, expect, it } from 'vitest';
import { recipe, testHost } from '../../test/support/sample.ts';
import { openVitFolder, vitImages } from '../../test/support/tiny-vit.ts';
import { CancelledError } from '../core/errors/lathe-error.ts';
import type { Report } from '../core/report/types.ts';
import { createWasmRuntime } from '../runtime/ort-wasm.ts';
import { RunMemory } from '../runtime/remembering.ts';
import type { Runtime, Session } from '../runtime/types.ts';
import type { Host } from './host.ts';
import type { TrialHooks } from './job.ts';
import { openModel } from './model/open.ts';
import type { ProgressEvent } from './progress.ts';
import { runTrial } from './run-trial.ts';
import { TrialStore } from './trials/store.ts';
import type { Trial } from './trials/types.ts';

const ROUND = { method: 'round-to-nearest', target: 'all', options: { bits: 8 } };
const NOT_COMPARED =
  'The run ended before the devices were compared; run the recipe again to compare them.';
const open = await openModel(await openVitFolder());
const input = { open, recipe: recipe(ROUND), evaluation: vitImages(160) };

/** A host whose other device is the same one again. */
function twoDevices(): Host {
  return { ...testHost(), webgpu: () => createWasmRuntime({ threads: 1 }) };
}

function run(host: Host, hooks: Partial<TrialHooks> = {}, more: { reuse?: boolean } = {}) {
  return runTrial(host, { ...input, ...more }, { progress: () => {}, ...hooks });
}

describe('a trial', () => {
  it('is kept as soon as it is measured; the comparison of devices comes later', async () => {
    const host = twoDevices();
    const store = new TrialStore(host.storage);
    const kept: Promise<Trial>[] = [];
    const events: ProgressEvent[] = [];
    const trial = await run(host, {
      progress: (event) => events.push(event),
      onMeasured: ({ id }) => {
        expect(events.at(-1)?.stage).toBe('Timing');
        kept.push(store.get(id));
      },
    });
    const [before] = await Promise.all(kept);
    const unknown: Report['parity'] = {
      ...{ wasm: true, webgpu: null, maxAbsDiff: null, reason: NOT_COMPARED },
    };
    expect(before.report?.parity).toEqual(unknown);
    expect(trial.report?.parity).toEqual({ wasm: true, webgpu: true, maxAbsDiff: 0 });
    expect(await store.get(trial.id)).toEqual(trial);
    expect({ ...trial.report, parity: unknown }).toEqual(before.report);
    const stages = [...new Set(events.map(({ stage }) => stage))];
    const ends = ['Writing the file', 'Measuring', 'Timing', 'Comparing devices'];
    expect(stages.slice(1)).toEqual(ends);
    const comparing = events.filter(({ stage }) => stage === 'Comparing devices');
    expect(comparing.map(({ fraction }) => fraction < 1)).toEqual([true, false]);
  });

  it('stays when the run is cancelled during the comparison', async () => {
    const host = twoDevices();
    const controller = new AbortController();
    const webgpu = () => {
      controller.abort(new CancelledError());
      return Promise.reject(new CancelledError());
    };
    const trial = await run({ ...host, webgpu }, { signal: controller.signal });
    expect(trial.report?.parity?.reason).toBe(NOT_COMPARED);
    expect(await new TrialStore(host.storage).get(trial.id)).toEqual(trial);
  });

  it('says what measuring came to so far, and ends it early where that is enough', async () => {
    const host = testHost();
    const told: number[] = [];
    const trial = await run(host, {
      onInterim: ({ done, of, bytes }) => told.push(done, of, bytes),
      enough: () => told.length > 0,
    });
    const { evaluation, after, verified } = trial.report ?? {};
    expect(told).toEqual([50, 160, after?.bytes]);
    expect(evaluation?.stopped).toEqual({ done: 50, of: 160 });
    expect(evaluation?.protocol).toBe(
      '50 of 160 examples with labels; errors by example; measuring was ended early',
    );
    expect(evaluation?.compressed.accuracy?.n).toBe(50);
    expect(evaluation?.each?.compressed).toHaveLength(50);
    expect(verified).toBe(true);
  });
});

describe('a run that was finished before', () => {
  it('answers with its kept trial, unless it is to be measured again', async () => {
    const host = testHost();
    const first = await run(host);
    const silent = { progress: () => expect.fail('nothing is run') };
    expect(await run(host, silent, { reuse: true })).toEqual(first);
    const events: ProgressEvent[] = [];
    const again = await run(host, { progress: (event) => events.push(event) });
    expect(events.at(-1)?.fraction).toBe(1);
    expect(again.id).toBe(first.id);
    expect(again.createdAt).toBeGreaterThan(first.createdAt);
  });

  it('is measured whole where it was ended early, not compared, or lost its file', async () => {
    const host = twoDevices();
    let told = 0;
    const part = await run(host, { onInterim: () => told++, enough: () => told > 0 });
    const whole = await run(host, {}, { reuse: true });
    expect(whole.id).toBe(part.id);
    expect(whole.report?.evaluation).not.toHaveProperty('stopped');
    const store = new TrialStore(host.storage);
    told = 0;
    expect(await run(host, { onInterim: () => told++, enough: () => told > 0 })).toEqual(whole);
    expect(await store.list()).toEqual([whole]);
    const parity = { wasm: true, webgpu: null, maxAbsDiff: null, reason: NOT_COMPARED };
    if (whole.report === undefined) throw new Error('it was measured');
    await store.report(whole.id, { ...whole.report, parity });
    const compared = await run(host, {}, { reuse: true });
    expect(compared.report?.parity?.webgpu).toBe(true);
    await host.storage.remove(`trials/${whole.id}/model.onnx`);
    const made = await run(host, {}, { reuse: true });
    expect(made.createdAt).toBeGreaterThan(compared.createdAt);
    expect((await store.file(made.id)).byteLength).toBe(made.report?.after.bytes);
  });
});

describe('the original', () => {
  it('is run on the evaluation data once for all trials, with the same result', async () => {
    const host = { ...testHost(), originals: new RunMemory() };
    const alone = await run(testHost());
    const first = await run(host);
    const asked = new Set<unknown>();
    const counting = async (): Promise<Runtime> => {
      const runtime = await host.runtime();
      const count = (session: Session): Session => ({
        ...{ inputs: session.inputs, outputs: session.outputs },
        run: (...args) => {
          asked.add(args[0]);
          return session.run(...args);
        },
        runOnDevice: (feeds) => session.runOnDevice(feeds),
        release: () => session.release(),
      });
      const open: Runtime['open'] = async (...args) => count(await runtime.open(...args));
      const openBytes: Runtime['openBytes'] = (...args) => runtime.openBytes(...args);
      return { device: runtime.device, threads: runtime.threads, open, openBytes };
    };
    const second = await run({ ...host, runtime: counting });
    // Only to time it, on one input again and again: the evaluation has four batches.
    expect(asked.size).toBe(1);
    expect(first.report?.evaluation).toEqual(alone.report?.evaluation);
    expect(second.report?.evaluation).toEqual(alone.report?.evaluation);
  });
});

describe('how long stages take', () => {
  it('is learned from a finished run, where the storage stays', async () => {
    const host = testHost();
    await run(host);
    expect(await host.storage.list('times')).toEqual(['times/stages.json']);
    const other = { ...testHost(), temporary: true };
    await run(other);
    expect(await other.storage.list('times')).toEqual([]);
  });
});
