import { describe, expect, it } from 'vitest';
import { recipe, testHost } from '../../../test/support/sample.ts';
import { openVitFolder, TINY_VIT, vitImages } from '../../../test/support/tiny-vit.ts';
import { CancelledError } from '../../core/errors/lathe-error.ts';
import { reportSchema } from '../../core/report/schema.ts';
import { createWasmRuntime } from '../../runtime/ort-wasm.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import { openModel } from '../model/open.ts';
import { writtenSha256 } from '../model/written.ts';
import { runTrial } from '../run-trial.ts';
import { TrialStore } from '../trials/store.ts';

const ROUND = { method: 'round-to-nearest', target: 'all', options: { bits: 8 } };
const open = await openModel(await openVitFolder());
// The config of another model: made-up images do not fit the positions.
const wrong = await openModel(await openVitFolder({ 'config.json': { image_size: 20 } }));
const SIZED = { 'config.json': { image_size: TINY_VIT.imageSize } };

/** A runtime whose sessions stop working at run `last` of each. */
async function failingRuntime(last: number, error: Error): Promise<Runtime> {
  const runtime = await createWasmRuntime({ threads: 1 });
  const failing = (session: Session): Session => {
    let runs = 0;
    return {
      inputs: session.inputs,
      outputs: session.outputs,
      run: (...args) => (runs++ < last ? session.run(...args) : Promise.reject(error)),
      runOnDevice: (feeds) => session.runOnDevice(feeds),
      release: () => session.release(),
    };
  };
  return {
    device: runtime.device,
    threads: runtime.threads,
    open: async (...args) => failing(await runtime.open(...args)),
    openBytes: async (...args) => failing(await runtime.openBytes(...args)),
  };
}

describe('a file that cannot be measured', () => {
  it('is finished and kept, not verified, with the reason', async () => {
    const host = testHost();
    const { report, id, state } = await runTrial(
      host,
      { open: wrong, recipe: recipe(ROUND) },
      { progress: () => {} },
    );
    expect(state).toBe('done');
    expect(report).toMatchObject({ verified: false, scores: 'fidelity', latency: {} });
    expect(report).not.toHaveProperty('evaluation');
    expect(report?.notMeasured).toMatch(/could not run the model and says: .*broadcast/);
    const written = await new TrialStore(host.storage).written(id);
    expect(await writtenSha256(written)).toBe(report?.outputSha256);
    expect(report?.after.bytes).toBe(report?.forecastBytes);
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(await host.storage.list('drafts')).toEqual([]);
  });

  it('is measured on made-up inputs where other data or the config tells their sizes', async () => {
    const inputs = [
      { open, calibration: vitImages(4) },
      { open: await openModel(await openVitFolder(SIZED)) },
    ];
    for (const input of inputs) {
      const hooks = { progress: () => {} };
      const { report } = await runTrial(testHost(), { ...input, recipe: recipe(ROUND) }, hooks);
      expect(report).toMatchObject({ verified: true, scores: 'fidelity' });
      expect(report?.evaluation?.compressed.relativeError?.value).toBeGreaterThan(0);
      expect(report?.latency.wasm.compressed.n).toBeGreaterThanOrEqual(10);
    }
  });

  it('has the same bytes as when it is measured', async () => {
    const evaluation = vitImages(20);
    const hooks = { progress: () => {} };
    const wanted = recipe(ROUND);
    const measured = await runTrial(testHost(), { open, recipe: wanted, evaluation }, hooks);
    const unmeasured = await runTrial(testHost(), { open: wrong, recipe: wanted }, hooks);
    expect(unmeasured.report).toHaveProperty('notMeasured');
    expect(measured.report).toMatchObject({ verified: true, scores: 'quality' });
    expect(measured.report).not.toHaveProperty('notMeasured');
    expect(unmeasured.report?.outputSha256).toBe(measured.report?.outputSha256);
  });

  it('keeps its metrics when only the latency failed', async () => {
    const runtime = () => failingRuntime(2, new Error('The device was lost.'));
    const input = { open, recipe: recipe(ROUND), evaluation: vitImages(20) };
    const { report } = await runTrial({ ...testHost(), runtime }, input, { progress: () => {} });
    expect(report).toMatchObject({
      ...{ verified: true, latency: {} },
      notMeasured: 'The device was lost.',
    });
    expect(report?.evaluation?.compressed.accuracy?.n).toBe(20);
  });

  it('is finished where only the file is wanted, or two models do not fit beside each other', async () => {
    const given = { open, evaluation: vitImages(20), recipe: recipe(ROUND) };
    const hooks = { progress: () => {} };
    const nobody = () => Promise.reject(new Error('Nothing may run.'));
    const wanted = await runTrial(
      { ...testHost(), runtime: nobody },
      { ...given, measure: false },
      hooks,
    );
    expect(wanted.report).toMatchObject({ verified: false, latency: {} });
    expect(wanted.report?.notMeasured).toBe('you asked for the file only');
    const host = { ...testHost(), runtime: nobody, memoryLimit: 1000 };
    const small = await runTrial(host, given, hooks);
    expect(small.report?.notMeasured).toMatch(
      /^Measuring "[^"]+" beside its compressed form takes about 0\.0 GB and this device ends at 0\.0 GB; with this recipe a model of at most 0\.0 GB of weights would fit/,
    );
    const measured = await runTrial(testHost(), given, hooks);
    expect(measured.id).toBe(wanted.id);
    for (const { report } of [wanted, small]) {
      expect(report?.outputSha256).toBe(measured.report?.outputSha256);
      expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    }
  });

  it('is no excuse for a cancel', async () => {
    const host = { ...testHost(), runtime: () => failingRuntime(0, new CancelledError()) };
    const input = { open, recipe: recipe(ROUND) };
    await expect(runTrial(host, input, { progress: () => {} })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(await host.storage.list('trials')).toEqual([]);
  });
});
