import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyMailFiles } from '../../../test/support/tiny-mail.ts';
import { openModel } from '../../engine/model/open.ts';
import { inputPaths, modelFolder } from './model-folder.ts';

let root: string;
beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'lathe-layout-')), 'mails');
});
afterEach(() => rm(dirname(root), { recursive: true, force: true }));

/** The tiny model of mails with its files laid out as `layout` says. */
async function lay(layout: Readonly<Record<string, string>>): Promise<void> {
  const files = await tinyMailFiles();
  for (const [path, content] of Object.entries(layout)) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, files[content] ?? content);
  }
}

const HUGGING_FACE = {
  'onnx/model_q4.onnx': 'model.onnx',
  'config.json': 'config.json',
  'tokenizer.json': 'tokenizer.json',
  'tokenizer_config.json': 'tokenizer_config.json',
  'README.md': 'words',
  'vocab.json': '{}',
  'training.json': '{}',
};

describe('a model in the onnx/ of a Hugging Face folder', () => {
  it.each(['onnx/model_q4.onnx', 'onnx', 'onnx/', '.'])(
    'has its tokenizer and config, opened as %s',
    async (reference) => {
      await lay(HUGGING_FACE);
      const open = await openModel(await modelFolder(join(root, reference)));
      expect(open.tokenizer?.pad).toBe(0);
      expect(open.labels).toEqual(['ham', 'spam']);
      expect(open.task).toBe('classifier');
    },
  );

  it('is named after the file, or after the Hugging Face folder', async () => {
    await lay(HUGGING_FACE);
    const names = ['onnx/model_q4.onnx', 'onnx', ''].map(
      async (path) => (await modelFolder(join(root, path))).name,
    );
    expect(await Promise.all(names)).toEqual(['model_q4', 'mails', 'mails']);
  });

  it('brings what belongs to a model and nothing else, and its own company first', async () => {
    await lay({ ...HUGGING_FACE, 'onnx/config.json': '{"id2label":{"0":"a","1":"b"}}' });
    const folder = await modelFolder(join(root, 'onnx/model_q4.onnx'));
    expect(folder.files.map(({ path }) => path)).toEqual([
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.json',
      'onnx/config.json',
      'onnx/model_q4.onnx',
    ]);
    expect((await openModel(folder)).labels).toEqual(['a', 'b']);
  });

  it('keeps company above it from being written over', async () => {
    await lay(HUGGING_FACE);
    const reference = join(root, 'onnx/model_q4.onnx');
    const paths = await inputPaths(reference, await openModel(await modelFolder(reference)));
    const company = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'vocab.json'];
    expect(paths).toEqual(['onnx/model_q4.onnx', ...company].map((name) => join(root, name)));
  });
});

it('takes nothing from above a folder of another name', async () => {
  await lay({ 'exports/model.onnx': 'model.onnx', 'tokenizer.json': 'tokenizer.json' });
  for (const reference of ['exports/model.onnx', 'exports']) {
    const { files } = await modelFolder(join(root, reference));
    expect(files.map(({ path }) => path)).toEqual(['model.onnx']);
  }
});
