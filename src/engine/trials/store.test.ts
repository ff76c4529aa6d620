import { beforeAll, describe, expect, it } from 'vitest';
import { recipe, sampleModel, testHost } from '../../../test/support/sample.ts';
import { packageModel } from '../../core/onnx/package.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { openWritten, readWritten, writtenBytes } from '../model/written.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { pathOf, storedName } from './names.ts';
import { TrialStore } from './store.ts';
import type { Trial } from './types.ts';

let stories: OpenModel;
beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
});

const trial = (id: string, createdAt = 0): Trial => ({
  id,
  model: { name: 'stories', sha256: 'x' },
  name: id,
  recipe: recipe({ method: 'float16' }),
  createdAt,
  state: 'done',
});

describe('TrialStore', () => {
  it('lists trials that can be read, newest first, and forgets removed ones', async () => {
    const storage = new MemoryStorage();
    const store = new TrialStore(storage);
    await store.put(trial('a', 1));
    await store.put(trial('b', 2));
    await storage.write('trials/c/trial.json', [new TextEncoder().encode('{"id":')]);
    await storage.write('trials/d/model.onnx', [new Uint8Array(3)]);
    expect((await store.list()).map(({ id }) => id)).toEqual(['b', 'a']);
    await store.remove(['b']);
    expect((await store.list()).map(({ id }) => id)).toEqual(['a']);
    await expect(store.file('b')).rejects.toThrow(
      'The trial "b" is not stored any more (it was deleted, or the browser cleared its storage); run its recipe again.',
    );
  });

  it('keeps what a person wrote when the same trial is run again', async () => {
    const store = new TrialStore(new MemoryStorage());
    await store.put(trial('a'));
    await store.change('a', { pinned: true, notes: 'the good one' });
    await store.put(trial('a', 5));
    expect(await store.get('a')).toMatchObject({
      createdAt: 5,
      pinned: true,
      notes: 'the good one',
    });
  });

  it('keeps a model of several files without copying it, which then opens and runs', async () => {
    const storage = new WatchedStorage();
    const store = new TrialStore(storage);
    // As if 300 kB were all that one file can hold.
    const packaged = packageModel(stories.model, {
      limit: 300_000,
      dataName: 'my_model q4.onnx_data',
    });
    const draft = store.draft('a');
    await draft.write(packaged);
    storage.written.length = 0;
    await store.put(trial('a'), draft);
    expect(storage.written).toEqual(['trials/a/trial.json']);
    await draft.discard();
    const written = await store.written('a');
    expect(written.data.map(({ path }) => path)).toEqual(['my_model q4.onnx_data']);
    expect(writtenBytes(written)).toBe(packaged.byteLength);
    expect(await storage.list('drafts')).toEqual([]);
    const [first, second] = [stories.model, await readWritten(written)].map(
      ({ graph }) => graph.initializers,
    );
    expect(await second[3].data.read()).toEqual(await first[3].data.read());
    const session = await openWritten(await testHost().runtime(), written);
    expect(session.outputs[0].name).toBe(stories.model.graph.outputs[0].name);
    await session.release();
  });
});

/** Remembers what was written, and fails to move what it is told to. */
class WatchedStorage extends MemoryStorage {
  readonly written: string[] = [];
  stuck: string | undefined;

  override write(...args: Parameters<MemoryStorage['write']>): Promise<void> {
    this.written.push(args[0]);
    return super.write(...args);
  }

  override move(from: string, to: string): Promise<void> {
    return from.endsWith(this.stuck ?? '\n')
      ? Promise.reject(new Error('stuck'))
      : super.move(from, to);
  }
}

describe('a trial whose model cannot be moved to its place', () => {
  it('is not listed, and leaves no half-written model that would be', async () => {
    const storage = new WatchedStorage();
    const store = new TrialStore(storage);
    const draft = store.draft('a');
    await draft.write(packageModel(stories.model, { limit: 300_000, dataName: 'd' }));
    storage.stuck = '/model.onnx';
    await expect(store.put(trial('a'), draft)).rejects.toThrow('stuck');
    await draft.discard();
    expect(await store.list()).toEqual([]);
    await expect(store.file('a')).rejects.toMatchObject({ code: 'trial-missing' });
    expect([...(await storage.list('drafts')), ...(await storage.list('trials'))]).toEqual([]);
    storage.stuck = undefined;
    await draft.write(packageModel(stories.model, { limit: 300_000, dataName: 'd' }));
    await store.put(trial('a'), draft);
    expect((await store.list()).map(({ id }) => id)).toEqual(['a']);
    expect((await readWritten(await store.written('a'))).graph.initializers).toHaveLength(
      stories.model.graph.initializers.length,
    );
  });
});

describe('stored names', () => {
  it.each(['model.onnx_data', 'a b_1.data', "x/ü%(1)'!~*.bin", '../up'])(
    '%s comes back',
    (path) => {
      expect(storedName(path)).toMatch(/^data-[A-Za-z0-9._-]+$/);
      expect(pathOf(storedName(path))).toBe(path);
      expect(pathOf('model.onnx')).toBeUndefined();
    },
  );
});
