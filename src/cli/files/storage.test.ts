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

  it('keeps the old file, and no part of the new one, when writing fails', async () => {
    const storage = create();
    await storage.write('a/b', [bytes(1)]);
    await expect(storage.write('a/b', [bytes(2), plannedData(4)])).rejects.toThrow();
    await expect(storage.write('a/c', [bytes(2), plannedData(4)])).rejects.toThrow();
    expect(await contents(storage, 'a/b')).toEqual([1]);
    expect(await storage.list('a')).toEqual(['a/b']);
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
  it('does not list what another program was still writing when it died', async () => {
    const root = join(folder, 'left');
    const storage = new NodeStorage(root);
    await storage.write('a/b', [bytes(1)]);
    await writeFile(join(root, 'a', 'c.1234.unfinished'), 'half');
    expect(await storage.list('a')).toEqual(['a/b']);
    expect(await readdir(join(root, 'a'))).toHaveLength(2);
  });
});
