import { beforeAll, describe, expect, it } from 'vitest';
import { zipSync } from 'fflate';
import { writeModel } from '../../src/core/onnx/write.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import type { Report } from '../../src/core/report/types.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { runTrial } from '../../src/engine/run-trial.ts';
import { MemoryStorage } from '../../src/engine/storage/memory.ts';
import { finishedBefore } from '../../src/engine/trials/finished-before.ts';
import { TrialStore } from '../../src/engine/trials/store.ts';
import type { Trial } from '../protocol.ts';
import { testHost } from '../../test/support/sample.ts';
import { openVit } from '../../test/support/tiny-vit.ts';
import { engineFolder } from '../folder.ts';
import { adopt } from './adopt.ts';
import { returnedFile } from './provenance.ts';
import { unpack } from './unpack.ts';

type Bytes = Uint8Array<ArrayBuffer>;

let original: Bytes;
let compressed: Bytes;
let trial: Trial;

const folderOf = (files: Readonly<Record<string, Bytes | string>>) =>
  engineFolder({
    ...{ name: 'came-back', origin: 'file' },
    files: Object.entries(files).map(([path, bytes]) => ({ path, blob: new Blob([bytes]) })),
  });

beforeAll(async () => {
  original = (await writeModel(openVit())) as Bytes;
  const host = testHost();
  const open = await openModel(folderOf({ 'model.onnx': original }));
  const recipe = parseRecipe({ version: 1, name: 'half', steps: [{ method: 'float16' }] });
  trial = await runTrial(host, { open, recipe }, { progress: () => {} });
  const file = await new TrialStore(host.storage).file(trial.id);
  compressed = (await file.read(0, file.byteLength)) as Bytes;
});

describe('returnedFile', () => {
  it('says nothing of a model that Lathe did not make', async () => {
    expect(await returnedFile(folderOf({ 'model.onnx': original }))).toBeUndefined();
  });

  it('tells the hash of the file, and the report inside it', async () => {
    const returned = await returnedFile(folderOf({ 'half.onnx': compressed }));
    expect(returned?.sha256).toBe(trial.report?.outputSha256);
    expect(returned?.report.inputSha256).toBe(trial.model.sha256);
    expect(returned?.report.recipe).toEqual(trial.recipe);
    expect(returned?.measured).toBeUndefined();
  });

  it('takes the report of its folder only if that is of these bytes', async () => {
    const of = (report: Report | undefined) =>
      returnedFile(
        folderOf({ 'onnx/model.onnx': compressed, 'lathe-report.json': JSON.stringify(report) }),
      );
    const mine = await of(trial.report);
    expect(mine?.measured?.evaluation?.compressed).toEqual(trial.report?.evaluation?.compressed);
    const others = await of(trial.report && { ...trial.report, outputSha256: 'ab'.repeat(32) });
    expect(others?.measured).toBeUndefined();
  });
});

describe('adopt', () => {
  it('keeps the very bytes as a trial of the original that says it was not measured', async () => {
    const store = new TrialStore(new MemoryStorage());
    const kept = await adopt(store, folderOf({ 'half.onnx': compressed }), 'vit');
    expect(kept).toMatchObject({
      ...{ name: 'half', state: 'done', recipe: trial.recipe },
      model: { name: 'vit', sha256: trial.model.sha256 },
    });
    expect(kept.report?.notMeasured).toBe(
      'the file came back without its measurements; run its recipe to measure it here',
    );
    expect(await store.list()).toEqual([kept]);
    const file = await store.file(kept.id);
    expect(await file.read(0, file.byteLength)).toEqual(compressed);
  });

  it('takes the place of a trial that is known', async () => {
    const store = new TrialStore(new MemoryStorage());
    const { id, report } = trial;
    const kept = await adopt(store, folderOf({ 'half.onnx': compressed }), 'vit', { id, report });
    expect(kept.id).toBe(id);
    expect(kept.report).toEqual(report);
    // Its numbers are not of this browser: a run of its recipe measures anew.
    expect(kept.elsewhere).toBe(true);
    expect(await finishedBefore(store, id, report?.device?.measured ?? 'node')).toBeUndefined();
  });

  it('refuses a model that carries no report', async () => {
    const store = new TrialStore(new MemoryStorage());
    await expect(adopt(store, folderOf({ 'model.onnx': original }), 'vit')).rejects.toThrow(
      '"came-back" carries no report of Lathe, so it is no trial of any model; open it as a model.',
    );
  });
});

describe('unpack', () => {
  const zipped = (files: Record<string, Bytes>) => new Blob([zipSync(files)]);

  it('gives the files of a zip that holds a model', async () => {
    const zip = zipped({ 'a/onnx/model.onnx': compressed, '__MACOSX/x': new Uint8Array(1) });
    const files = await unpack(zip, 'a.zip');
    expect(files?.map(({ path }) => path)).toEqual(['a/onnx/model.onnx']);
    expect(new Uint8Array((await files?.[0].blob.arrayBuffer()) ?? [])).toEqual(compressed);
  });

  it('leaves other zips alone', async () => {
    expect(await unpack(zipped({ 'cat/1.png': new Uint8Array(3) }), 'a.zip')).toBeUndefined();
  });
});
