import * as Comlink from 'comlink';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { StorageThread } from './storage-protocol.ts';

const worker = new Worker(new URL('./storage.thread.ts', import.meta.url), { type: 'module' });
const storage = Comlink.wrap<StorageThread>(worker);

beforeEach(() => storage.clear());
afterAll(async () => {
  await storage.clear();
  worker.terminate();
});

describe.each([
  ['where a file may change its folder', true],
  ['where it may only be renamed', false],
])('the storage of the page, %s', (_, allowed) => {
  beforeEach(() => storage.mayMove(allowed));

  it('moves a file whole, in the place of another, into a folder that was not there', async () => {
    await storage.write('m/from', [1, 2]);
    await storage.write('m/old', [9]);
    const before = await storage.writes();
    await storage.move('m/from', 'm/new/to');
    expect(await storage.read('m/new/to')).toEqual([1, 2]);
    await storage.move('m/new/to', 'm/old');
    expect((await storage.writes()) - before).toBe(allowed ? 0 : 2);
    await storage.move('m/old', 'm/old');
    expect(await storage.read('m/old')).toEqual([1, 2]);
    expect(await storage.list('m')).toEqual(['m/old']);
  });

  it('moves nothing where there is nothing, or over a folder', async () => {
    await storage.write('m/kept', [1]);
    await storage.write('m/folder/file', [2]);
    await expect(storage.move('m/none', 'm/kept')).rejects.toThrow('There is no file "m/none"');
    await expect(storage.move('m/kept', 'm/folder')).rejects.toThrow();
    expect(await storage.read('m/kept')).toEqual([1]);
    expect(await storage.list('m')).toEqual(['m/folder/file', 'm/kept']);
  });

  it('names folders, those too whose files are gone', async () => {
    await storage.write('f/a/x', [1]);
    await storage.write('f/b/c/x', [1]);
    await storage.write('f/file', [1]);
    await storage.move('f/a/x', 'f/b/x');
    expect(await storage.folders('f')).toEqual(['a', 'b']);
    expect(await storage.folders('nothing')).toEqual([]);
  });

  it('keeps the old file, and no part of the new one, when writing fails', async () => {
    await storage.write('m/a', [1]);
    await expect(storage.fail('m/a')).rejects.toThrow();
    await expect(storage.fail('m/b')).rejects.toThrow();
    expect(await storage.read('m/a')).toEqual([1]);
    expect(await storage.list('m')).toEqual(['m/a']);
  });
});
