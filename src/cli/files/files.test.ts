import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plannedData, sourceData } from '../../core/onnx/tensor-data.ts';
import { nodeFileSource } from './node-file-source.ts';
import { writeParts } from './write-parts.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lathe-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (length: number, seed = 0) => Uint8Array.from({ length }, (_, i) => i * 31 + seed);

describe('nodeFileSource', () => {
  it('reads any range', async () => {
    const path = join(folder, 'a');
    await writeFile(path, bytes(1000));
    const source = await nodeFileSource(path);
    expect(source.byteLength).toBe(1000);
    expect(await source.read(990, 10)).toEqual(bytes(1000).subarray(990));
    expect(await source.read(1000, 0)).toEqual(new Uint8Array());
  });

  it('says that a file is missing, or was changed meanwhile', async () => {
    const path = join(folder, 'a');
    await expect(nodeFileSource(path)).rejects.toThrow(
      `There is no file "${path}"; check the path.`,
    );
    await writeFile(path, bytes(10));
    const source = await nodeFileSource(path);
    await writeFile(path, bytes(11));
    await expect(source.read(0, 10)).rejects.toThrow(
      '"a" was changed by another program while it was being read; start again.',
    );
  });
});

describe('writeParts', () => {
  it('writes small and large pieces in order, memory and handles alike', async () => {
    const from = join(folder, 'from');
    const large = bytes(3_000_000, 3);
    await writeFile(from, large);
    const handle = sourceData(await nodeFileSource(from), 0, large.byteLength);
    const pieces = [bytes(5), bytes(600_000, 1), bytes(7, 2), handle, bytes(0), bytes(400_000, 4)];
    const path = join(folder, 'to');
    await writeParts(path, pieces);
    const expected = Buffer.concat(pieces.map((p) => (p instanceof Uint8Array ? p : large)));
    expect(Buffer.compare(await readFile(path), expected)).toBe(0);
    expect(await readdir(folder)).toEqual(['from', 'to']);
  });

  it('leaves nothing behind, and the old file as it was, when it fails or is cancelled', async () => {
    const path = join(folder, 'to');
    await writeFile(path, bytes(3));
    await expect(writeParts(path, [bytes(9), plannedData(4)])).rejects.toMatchObject({
      code: 'tensor-planned',
    });
    await expect(writeParts(path, [bytes(9)], AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(await readdir(folder)).toEqual(['to']);
    expect(new Uint8Array(await readFile(path))).toEqual(bytes(3));
  });
});
