import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryData, plannedData } from '../../core/onnx/tensor-data.ts';
import { MemoryStorage } from '../../engine/storage/memory.ts';
import type { Storage } from '../../engine/storage/types.ts';
import { NodeStorage } from './node-storage.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lathe-storage-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bytes = (...values: number[]) => Uint8Array.from(values);

async function contents(storage: Storage, path: string): Promise<number[] | undefined> {
  const file = await storage.open(path);
  return file && [...(await file.read(0, file.byteLength))];
}

const STORAGES: readonly (readonly [string, () => Storage])[] = [
  ['MemoryStorage', () => new MemoryStorage()],
  [
    'NodeStorage',
    () => new NodeStorage(join(folder, String(Math.trunc(performance.now() * 1000)))),
  ],
];

/** What every storage promises; the one of the page is tested in a browser. */
describe.each(STORAGES)('%s', (_, create) => {
  it('gives back what was written, piece by piece', async () => {
    const storage = create();
    await storage.write('a/b.bin', [bytes(1, 2), memoryData(bytes(3)), bytes()]);
    expect(await contents(storage, 'a/b.bin')).toEqual([1, 2, 3]);
    expect(await contents(storage, '/a//b.bin')).toEqual([1, 2, 3]);
    expect([...((await (await storage.open('a/b.bin'))?.read(1, 1)) ?? [])]).toEqual([2]);
    await storage.write('a/b.bin', [bytes(9)]);
    expect(await contents(storage, 'a/b.bin')).toEqual([9]);
  });

  it('knows no file that is not there, and no folder as a file', async () => {
    const storage = create();
    await storage.write('a/b', [bytes(1)]);
    expect(await storage.open('a')).toBeUndefined();
    expect(await storage.open('a/c')).toBeUndefined();
    expect(await storage.list('nothing')).toEqual([]);
    await storage.remove('nothing/at/all');
  });

  it('lists the files under a folder, sorted', async () => {
    const storage = create();
    for (const path of ['t/b/x', 't/a', 'ta', 't/b/a.json']) await storage.write(path, [bytes(1)]);
    expect(await storage.list('t')).toEqual(['t/a', 't/b/a.json', 't/b/x']);
    await storage.remove('t/b');
    expect(await storage.list('t')).toEqual(['t/a']);
    expect(await contents(storage, 'ta')).toEqual([1]);
  });

  it('names the folders directly in a folder, sorted', async () => {
    const storage = create();
    for (const path of ['t/b/c/x', 't/a/x', 't/file', 'u']) await storage.write(path, [bytes(1)]);
    expect(await storage.folders('t')).toEqual(['a', 'b']);
    expect(await storage.folders('')).toEqual(['t']);
    expect(await storage.folders('nothing')).toEqual([]);
  });

  it('keeps the old file, and no part of the new one, when writing fails', async () => {
    const storage = create();
    await storage.write('a/b', [bytes(1)]);
    await expect(storage.write('a/b', [bytes(2), plannedData(4)])).rejects.toThrow();
    await expect(storage.write('a/c', [bytes(2), plannedData(4)])).rejects.toThrow();
    expect(await contents(storage, 'a/b')).toEqual([1]);
    expect(await storage.list('a')).toEqual(['a/b']);
  });

  it('moves a file whole, in the place of another, into a folder that was not there', async () => {
    const storage = create();
    await storage.write('m/from', [bytes(1, 2)]);
    await storage.write('m/old', [bytes(9)]);
    await storage.move('m/from', 'm/new/to');
    expect(await contents(storage, 'm/new/to')).toEqual([1, 2]);
    await storage.move('m/new/to', 'm/old');
    await storage.move('m/old', 'm/old');
    expect(await contents(storage, 'm/old')).toEqual([1, 2]);
    expect(await storage.list('m')).toEqual(['m/old']);
  });

  it('moves nothing where there is nothing, or to no place', async () => {
    const storage = create();
    await storage.write('m/kept', [bytes(1)]);
    await expect(storage.move('m/none', 'm/kept')).rejects.toThrow(
      'There is no file "m/none" in the storage to move: it was deleted meanwhile, or the browser cleared its storage; run again.',
    );
    await expect(storage.move('m', 'n')).rejects.toMatchObject({ code: 'storage-missing' });
    await expect(storage.move('m/kept', '../x')).rejects.toMatchObject({ code: 'storage-path' });
    expect(await contents(storage, 'm/kept')).toEqual([1]);
    expect(await storage.list('m')).toEqual(['m/kept']);
  });

  it('takes no path out of its folder', async () => {
    const storage = create();
    for (const path of ['../x', 'a/../../x', 'a/.hidden', 'a\\b', 'a b']) {
      await expect(storage.write(path, [bytes(1)])).rejects.toMatchObject({ code: 'storage-path' });
      await expect(storage.open(path)).rejects.toMatchObject({ code: 'storage-path' });
    }
    await expect(storage.open('../x')).rejects.toThrow(
      'The storage path "../x" has the part "..", which is not a plain name; use letters, digits, "-", "_" and ".".',
    );
  });
});

describe('NodeStorage', () => {
  it('leaves both files as they were when a move fails', async () => {
    const root = join(folder, 'unmovable');
    const storage = new NodeStorage(root);
    await storage.write('a', [bytes(1)]);
    await storage.write('b/c', [bytes(2)]);
    // A folder with files in it gives way to no file.
    await expect(storage.move('a', 'b')).rejects.toThrow();
    expect([await contents(storage, 'a'), await contents(storage, 'b/c')]).toEqual([[1], [2]]);
    expect(await readdir(root)).toEqual(['a', 'b']);
  });

  it('does not list what another program was still writing when it died', async () => {
    const root = join(folder, 'left');
    const storage = new NodeStorage(root);
    await storage.write('a/b', [bytes(1)]);
    await writeFile(join(root, 'a', 'c.1234.unfinished'), 'half');
    expect(await storage.list('a')).toEqual(['a/b']);
    expect(await readdir(join(root, 'a'))).toHaveLength(2);
  });
});
