import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testHost } from '../../test/support/sample.ts';
import { plannedData } from '../core/onnx/tensor-data.ts';
import { exportDataName } from '../core/recipe/file-name.ts';
import { presetByName } from '../core/recipe/presets.ts';
import { exportedFolder } from '../engine/export/folder.ts';
import { readAll } from '../engine/model/folder.ts';
import { openModel } from '../engine/model/open.ts';
import { runTrial } from '../engine/run-trial.ts';
import { MemoryStorage } from '../engine/storage/memory.ts';
import { TrialStore } from '../engine/trials/store.ts';
import { compress } from './commands/compress.ts';
import { modelFolder } from './files/model-folder.ts';
import { writeFolder } from './files/write-folder.ts';

const DIGITS = fileURLToPath(new URL('../../public/samples/digits/', import.meta.url));
const signal = new AbortController().signal;

let root: string;
const at = (...names: string[]) => join(root, ...names);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lathe-folder-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true, force: true });
});

async function filesIn(folder: string): Promise<Record<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  const read = paths.sort().map(async (path) => {
    return [relative(folder, path).split(sep).join('/'), await readFile(path)] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

async function refusal(words: readonly string[]): Promise<string> {
  return compress(words, signal).then(
    () => 'it was not refused',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const toFolder = (folder: string, model = 'sample:digits', ...more: string[]) =>
  refusal([model, '--recipe', 'q8', '--folder', folder, ...more]);

/** The files the page zips: the same recipe by the same engine, without a command line. */
async function pageFiles(model: string): Promise<Record<string, Buffer>> {
  const storage = new MemoryStorage();
  const open = await openModel(await modelFolder(model));
  const { recipe } = presetByName('q8');
  const input = { open, recipe, dataName: exportDataName(recipe) };
  const trial = await runTrial(testHost(storage), input, { progress: () => undefined });
  const written = await new TrialStore(storage).written(trial.id);
  const files = await exportedFolder(open, trial, written);
  const read = files.map(async ({ path, source }) => {
    return [path, Buffer.from(await readAll({ path, source }))] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** What a run measured by the clock differs from run to run; all else is the same bytes. */
const MEASURED = ['README.md', 'lathe-report.json'];

const timeless = (files: Record<string, Buffer>) =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !MEASURED.includes(path)));

describe('lathe compress --folder', () => {
  it('writes what the page zips, and --out beside it the same model', async () => {
    const out = at('beside', 'm.onnx');
    expect(await toFolder(at('made'), 'sample:digits', '--out', out)).toBe('it was not refused');
    const [written, zipped] = [await filesIn(at('made')), await pageFiles('sample:digits')];
    expect(timeless(written)).toEqual(timeless(zipped));
    expect(Object.keys(written).sort()).toEqual(Object.keys(zipped).sort());
    expect(written['onnx/model_quantized.onnx'].equals(await readFile(out))).toBe(true);
    expect(written['config.json'].equals(await readFile(join(DIGITS, 'config.json')))).toBe(true);
    expect((await readdir(root)).sort()).toEqual(['beside', 'made']);
  });

  it('of a lone model takes an empty folder, and opens again', async () => {
    await mkdir(at('alone'));
    await mkdir(at('empty'));
    await copyFile(join(DIGITS, 'model.onnx'), at('alone', 'm.onnx'));
    expect(await toFolder(at('empty'), at('alone', 'm.onnx'))).toBe('it was not refused');
    const names = ['README.md', 'lathe-report.json', 'onnx/model_quantized.onnx'];
    expect(Object.keys(await filesIn(at('empty')))).toEqual(names);
    const again = await openModel(await modelFolder(at('empty')));
    expect(again.anatomy.blocks).toHaveLength(1);
  });

  it('refuses a place where it would destroy something, before the work starts', async () => {
    await mkdir(at('model', 'onnx'), { recursive: true });
    await copyFile(join(DIGITS, 'model.onnx'), at('model', 'onnx', 'model.onnx'));
    await symlink(at('model'), at('link'));
    await writeFile(at('file'), '');
    const holds = (folder: string) =>
      `"${folder}" holds "model.onnx", which is read, and a folder is only written whole; give the name of a new one.`;
    for (const folder of [at('model'), at('model', 'onnx'), root, at('link')]) {
      expect(await toFolder(folder, at('model'))).toBe(holds(folder));
    }
    await mkdir(at('full'));
    await writeFile(at('full', 'notes'), 'mine');
    expect(await toFolder(at('full'))).toBe(
      `"${at('full')}" is not empty, and a folder is only written whole; give the name of a new one.`,
    );
    expect(await toFolder(at('file'))).toBe(
      `"${at('file')}" is a file; give the name of a folder to make.`,
    );
    const inside = at('new', 'x', 'm.onnx');
    expect(await toFolder(at('new'), 'sample:digits', '--out', inside)).toBe(
      `"${inside}" lies in "${at('new')}", and a folder is only written whole; give another place for one of them.`,
    );
    expect(await toFolder(at('file', 'new'))).toBe(
      `"${at('file', 'new')}" cannot be written: a part of its path is a file, not a folder; choose another place.`,
    );
    expect(await refusal(['sample:digits', '--recipe', 'q8'])).toBe(
      'lathe compress needs --out or --folder. See "lathe --help".',
    );
    expect(await readdir(at('full'))).toEqual(['notes']);
    expect((await readdir(root)).includes('new')).toBe(false);
  });
});

describe('writing a folder', () => {
  const source = (bytes: Uint8Array) => ({
    byteLength: bytes.byteLength,
    read: async (offset: number, length: number) => bytes.slice(offset, offset + length),
  });
  const good = { path: 'a/good', source: source(Uint8Array.of(1)) };

  it('leaves nothing behind when it fails, is cancelled, or files came in meanwhile', async () => {
    await mkdir(at('place'));
    const planned = plannedData(4);
    const bad = {
      path: 'bad',
      source: { byteLength: 4, read: (o: number, l: number) => planned.read(o, l) },
    };
    await expect(writeFolder(at('place', 'x'), [good, bad])).rejects.toMatchObject({
      code: 'tensor-planned',
    });
    await expect(writeFolder(at('place', 'x'), [good], AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(await readdir(at('place'))).toEqual([]);
    await mkdir(at('place', 'x'));
    await writeFile(at('place', 'x', 'new'), '');
    await expect(writeFolder(at('place', 'x'), [good])).rejects.toThrow(
      `"${at('place', 'x')}" is not empty, and a folder is only written whole; give the name of a new one.`,
    );
    expect(Object.keys(await filesIn(at('place')))).toEqual(['x/new']);
  });
});
