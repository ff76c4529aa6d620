import { describe, expect, it } from 'vitest';
import { recipe, testHost } from '../../../test/support/sample.ts';
import { openVitFolder, vitImages } from '../../../test/support/tiny-vit.ts';
import { CancelledError } from '../../core/errors/lathe-error.ts';
import type { Host } from '../host.ts';
import { openModel } from '../model/open.ts';
import type { ProgressEvent } from '../progress.ts';
import { runTrial } from '../run-trial.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { TrialStore } from './store.ts';

const GPTQ = { method: 'gptq', target: 'all', options: { bits: 8 } };
const open = await openModel(await openVitFolder());
const images = vitImages(20);
const input = { open, recipe: recipe(GPTQ), calibration: images, evaluation: images };

/** A host whose runs leave traces, and the ids of those that are going on. */
function tracing() {
  const going = new Set<string>();
  const holdRun = async (id: string) => {
    going.add(id);
    return () => void going.delete(id);
  };
  const host: Host = { ...testHost(), holdRun };
  return { host, going, store: new TrialStore(host.storage, async () => going) };
}

/** Runs until an event is picked, and cancels there. */
async function cancelAt(host: Host, when: (event: ProgressEvent) => boolean): Promise<void> {
  const controller = new AbortController();
  const progress = (event: ProgressEvent) => {
    if (when(event)) controller.abort(new CancelledError());
  };
  await expect(
    runTrial(host, input, { signal: controller.signal, progress }),
  ).rejects.toMatchObject({ code: 'cancelled' });
}

describe('a run that does not finish', () => {
  it('leaves a trial without a file that says where it was cancelled, and goes on from there', async () => {
    const { host, going, store } = tracing();
    await cancelAt(host, ({ detail }) => detail?.startsWith('layer 2 of') === true);
    const [left] = await store.list();
    expect(left).toMatchObject({ state: 'cancelled', model: { sha256: open.sha256 } });
    expect(left.message).toMatch(
      /^Cancelled at GPTQ, layer \d of \d+; run its recipe again to go on: finished steps are kept\.$/,
    );
    expect(left).not.toHaveProperty('report');
    expect(left.recipe).toEqual(input.recipe);
    await expect(store.file(left.id)).rejects.toMatchObject({ code: 'trial-missing' });
    expect([...going, ...(await host.storage.list('runs'))]).toEqual([]);
    expect(await host.storage.list('drafts')).toEqual([]);
    const done = await runTrial(host, { ...input, reuse: true }, { progress: () => {} });
    expect((await store.list()).map(({ id, state }) => [id, state])).toEqual([[left.id, 'done']]);
    expect(done.id).toBe(left.id);
  });

  it('leaves one that says why it failed, and none of a refusal', async () => {
    const { host, store } = tracing();
    const write = host.storage.write.bind(host.storage);
    host.storage.write = (path, parts) =>
      path.startsWith('drafts/')
        ? Promise.reject(new Error('the storage is full'))
        : write(path, parts);
    await expect(runTrial(host, input, { progress: () => {} })).rejects.toThrow('full');
    expect((await store.list()).map(({ state, message }) => [state, message])).toEqual([
      ['failed', 'Failed at Writing the file: the storage is full'],
    ]);
    const other = tracing();
    const refused = { ...input, calibration: undefined };
    await expect(
      runTrial(other.host, { open, recipe: refused.recipe }, { progress: () => {} }),
    ).rejects.toMatchObject({ code: 'calibration-missing' });
    expect(await other.store.list()).toEqual([]);
  });

  it('takes nothing from a trial that was finished before', async () => {
    const { host, store } = tracing();
    const done = await runTrial(host, input, { progress: () => {} });
    await cancelAt(host, ({ stage }) => stage === 'Measuring');
    expect(await store.list()).toEqual([done]);
  });

  it('leaves none where nobody asked for it', async () => {
    const host = testHost();
    await cancelAt(host, ({ stage }) => stage === 'Measuring');
    expect(await new TrialStore(host.storage).list()).toEqual([]);
  });
});

describe('a run whose page goes away', () => {
  it('leaves its trace at the next look, not before', async () => {
    const { host, going, store } = tracing();
    /** What the storage holds at the moment the page goes away. */
    const files = new Map<string, Uint8Array>();
    const write = host.storage.write.bind(host.storage);
    host.storage.write = async (path, parts) => {
      await write(path, parts);
      const file = await host.storage.open(path);
      if (file !== undefined) files.set(path, await file.read(0, file.byteLength));
    };
    await cancelAt(host, ({ stage }) => stage === 'Measuring');
    const id = (await store.list())[0].id;
    const after = new MemoryStorage();
    for (const [path, bytes] of files) {
      if (!path.startsWith('trials/')) await after.write(path, [bytes]);
    }
    const next = new TrialStore(after, async () => going);
    going.add(id);
    expect(await next.list()).toEqual([]);
    going.clear();
    const [left] = await next.list();
    expect(left).toMatchObject({ id, state: 'cancelled' });
    expect(left.message).toBe(
      'Ended at Measuring before it was finished, because the page was closed or reloaded, or the run was stopped; run its recipe again to go on: finished steps are kept.',
    );
    expect([...(await after.list('runs')), ...(await after.list('drafts'))]).toEqual([]);
    expect(await next.list()).toEqual([left]);
  });

  it('does not stand in the way where its mark cannot be read', async () => {
    const { store, host } = tracing();
    await host.storage.write('runs/x.json', [new TextEncoder().encode('{')]);
    expect(await store.list()).toEqual([]);
    expect(await host.storage.list('runs')).toEqual([]);
  });
});
