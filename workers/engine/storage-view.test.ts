import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '../../src/engine/storage/memory.ts';
import { TrialStore } from '../../src/engine/trials/store.ts';
import { clearStorage, storageView } from './storage-view.ts';

const bytes = (count: number) => [new Uint8Array(count)];

async function filled(): Promise<TrialStore> {
  const storage = new MemoryStorage();
  await storage.write('trials/a/model.onnx', bytes(70));
  await storage.write('stages/k.onnx', bytes(50));
  await storage.write('stages/k.json', bytes(5));
  await storage.write('checkpoints/c.bin', bytes(20));
  await storage.write('drafts/a/model.onnx', bytes(3));
  await storage.write('work/x/1', bytes(4));
  await storage.write('runs/a.json', bytes(9));
  const store = new TrialStore(storage);
  await store.put({
    ...{ id: 'b', model: { name: 'm', sha256: 'x' }, name: 'b', createdAt: 0, state: 'failed' },
    recipe: { version: 1, seed: 0, steps: [] },
  });
  return store;
}

const offline = () => Promise.resolve(new Map([['app', 60] as const]));

describe('what the browser keeps', () => {
  it('is counted by trial and by what it is good for, the largest first', async () => {
    const store = await filled();
    const view = await storageView(store, offline);
    const [described] = await store.storage.list('trials/b');
    const size = (await store.storage.open(described))?.byteLength;
    expect(view).toEqual({
      trials: { a: 70, b: size },
      lost: ['a'],
      others: [
        { kind: 'app', bytes: 60 },
        { kind: 'stages', bytes: 55 },
        { kind: 'training', bytes: 20 },
        { kind: 'work', bytes: 7 },
      ],
      forgets: true,
    });
  });

  it('is cleared kind by kind, trials never with it', async () => {
    const store = await filled();
    await clearStorage(store, 'stages');
    await clearStorage(store, 'work');
    const asked: string[] = [];
    await clearStorage(store, 'app', async (kind) => void asked.push(kind));
    const { others, trials } = await storageView(store, offline);
    expect(others.map(({ kind }) => kind)).toEqual(['app', 'training']);
    expect(Object.keys(trials)).toEqual(['a', 'b']);
    expect(asked).toEqual(['app']);
  });

  it('names a folder whose description is lost, which can then be removed', async () => {
    const store = await filled();
    await store.remove(await store.lost());
    expect(await store.lost()).toEqual([]);
    expect((await store.list()).map(({ id }) => id)).toEqual(['b']);
  });
});
