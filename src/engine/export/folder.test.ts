import { beforeAll, describe, expect, it } from 'vitest';
import { recipe as recipeOf, sampleModel, testHost } from '../../../test/support/sample.ts';
import { packageModel } from '../../core/onnx/package.ts';
import { presetByName } from '../../core/recipe/presets.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { readAll, type FolderFile } from '../model/folder.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { runTrial } from '../run-trial.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { TrialStore } from '../trials/store.ts';
import type { Trial } from '../trials/types.ts';
import { exportedFolder } from './folder.ts';

let digits: OpenModel;
beforeAll(async () => {
  digits = await openModel(await sampleModel('digits'));
});

const paths = (files: readonly FolderFile[]) => files.map(({ path }) => path);

async function bytesAt(files: readonly FolderFile[], path: string): Promise<Uint8Array> {
  const file = files.find((candidate) => candidate.path === path);
  return file === undefined ? new Uint8Array() : readAll(file);
}

const textAt = async (files: readonly FolderFile[], path: string) =>
  new TextDecoder().decode(await bytesAt(files, path));

const trialOf = (recipe: Recipe): Trial => ({
  id: 'a',
  model: { name: 'digits', sha256: 'x' },
  name: 'a trial',
  recipe,
  createdAt: 0,
  state: 'done',
});

describe('an exported folder', () => {
  it('is what transformers.js loads: model, company, card, report', async () => {
    const storage = new MemoryStorage();
    const { recipe } = presetByName('q8');
    const hooks = { progress: () => undefined };
    const trial = await runTrial(testHost(storage), { open: digits, recipe }, hooks);
    const written = await new TrialStore(storage).written(trial.id);
    const files = await exportedFolder(digits, trial, written);
    const company = ['config.json', 'preprocessor_config.json'];
    const made = ['README.md', 'lathe-report.json'];
    expect(paths(files)).toEqual(['onnx/model_quantized.onnx', ...company, ...made]);
    for (const path of company) {
      expect(await bytesAt(files, path)).toEqual(await bytesAt(digits.folder.files, path));
    }
    expect(JSON.parse(await textAt(files, 'lathe-report.json'))).toEqual(trial.report);
    const card = await textAt(files, 'README.md');
    expect(card).toContain('`onnx/model_quantized.onnx` was made with');
    expect(card).toContain(`Its own is \`${trial.report?.outputSha256}\`.`);
    expect(card).toMatch(/^\*\*\d\.\d× smaller, quality not measured \(.*\)\.\*\*$/m);
    expect(card).toContain("pipeline('image-classification', 'digits-quantized', { dtype: 'q8' })");
    const again = await openModel({ name: 'again', origin: 'file', files });
    expect([again.sha256, again.task, again.labels]).toEqual([
      trial.report?.outputSha256,
      digits.task,
      digits.labels,
    ]);
  });

  it('has data files beside the model, and no report where none was made', async () => {
    const store = new TrialStore(new MemoryStorage());
    const draft = store.draft('a');
    // As if 10 kB were all that one file can hold.
    await draft.write(packageModel(digits.model, { limit: 10_000, dataName: 'model.onnx_data' }));
    const files = await exportedFolder(digits, trialOf(recipeOf()), await draft.open());
    const model = ['onnx/model_lathe.onnx', 'onnx/model.onnx_data'];
    expect(paths(files)).toEqual([
      ...model,
      'config.json',
      'preprocessor_config.json',
      'README.md',
    ]);
    const again = await openModel({ name: 'again', origin: 'file', files });
    expect(again.bytes).toBeGreaterThan(10_000);
  });

  it('of a model that came alone is the model, a card and the report', async () => {
    const files = digits.folder.files.filter(({ path }) => path === 'model.onnx');
    const alone = await openModel({ name: 'alone', origin: 'file', files });
    const made = { file: files[0].source, data: [] };
    const folder = await exportedFolder(alone, trialOf(recipeOf()), made);
    expect(paths(folder)).toEqual(['onnx/model_lathe.onnx', 'README.md']);
  });
});
