import { describe, expect, it } from 'vitest';
import { companion, modelFile } from '../../engine/model/folder.ts';
import { engineFolder } from '../../../workers/folder.ts';
import { forPurpose, folderOf, purposeOf, sortDrop, withData } from './folder.ts';
import { readZip } from '../../core/data/zip.ts';
import { packPictures } from './pack-pictures.ts';
import { chooseFiles, hubOrigin, parseHubReference } from './hub.ts';

const file = (path: string) => ({ path, blob: new Blob([path]) });

describe('drops', () => {
  it('drops the common directory and names the model after what says most', () => {
    const folder = folderOf([file('gpt2/onnx/model.onnx'), file('gpt2/config.json')], 'file');
    expect(folder.name).toBe('gpt2');
    expect(folder.files.map(({ path }) => path)).toEqual(['onnx/model.onnx', 'config.json']);
    expect(folderOf([file('tiny.onnx')], 'file').name).toBe('tiny');
  });

  it('leaves the company of onnx/ where a model there finds it', () => {
    const paths = ['m/onnx/model_q4.onnx', 'm/config.json', 'm/tokenizer.json'];
    for (const prefix of ['', 'downloads/']) {
      const drop = sortDrop(
        paths.map((path) => file(`${prefix}${path}`)),
        false,
      );
      const folder = drop.kind === 'model' ? engineFolder(drop.folder) : undefined;
      expect(folder?.name).toBe('m');
      expect(folder && modelFile(folder).path).toBe('onnx/model_q4.onnx');
      expect(folder && companion(folder, 'tokenizer.json')?.path).toBe('tokenizer.json');
      expect(folder && companion(folder, 'config.json')?.path).toBe('config.json');
    }
  });

  it('tells models, data and recipes apart', () => {
    expect(sortDrop([file('a.txt')], true).kind).toBe('data');
    expect(sortDrop([file('a.txt')], false).kind).toBe('model');
    expect(sortDrop([file('recipe.json')], false).kind).toBe('recipe');
    expect(sortDrop([file('x.gguf')], true).kind).toBe('model');
    expect(sortDrop([file('d/.DS_Store')], true).kind).toBe('nothing');
  });

  it('packs pictures that are dropped together, with the folders that are their classes', async () => {
    const pictures = ['set/cat/a.png', 'set/dog/b.jpg', 'more.csv'].map(file);
    expect(sortDrop(pictures, true).kind).toBe('data');
    const [table, packed] = await packPictures(pictures);
    expect([table.path, packed.path]).toEqual(['more.csv', 'set.zip']);
    const entries = readZip(new Uint8Array(await packed.blob.arrayBuffer()), packed.path);
    expect(entries.map(({ name }) => name)).toEqual(['cat/a.png', 'dog/b.jpg']);
    expect(new TextDecoder().decode(entries[0].read())).toBe('set/cat/a.png');
  });

  it('replaces data of the same name', () => {
    const folder = folderOf([file('model.onnx'), file('evaluation.txt')], 'file');
    const next = file('evaluation.txt');
    expect(withData(folder, [next]).files).toEqual([folder.files[0], next]);
  });

  it('keeps data of another name where its purpose is looked for, in place of what was there', () => {
    expect(sortDrop([file('mails.csv')], true).kind).toBe('data');
    expect(purposeOf('mails.csv')).toBeUndefined();
    expect([purposeOf('Evaluation.CSV'), purposeOf('data/calibration.npz')]).toEqual([
      'evaluation',
      'calibration',
    ]);
    const folder = folderOf(['model.onnx', 'evaluation.npz', 'calibration.txt'].map(file), 'file');
    const first = withData(folder, [forPurpose(file('test/mails.csv'), 'evaluation')]);
    const paths = ['model.onnx', 'calibration.txt', 'evaluation/mails.csv'];
    expect(first.files.map(({ path }) => path)).toEqual(paths);
    const second = withData(first, [forPurpose(file('more.tsv'), 'evaluation')]);
    expect(second.files.map(({ path }) => path).at(-1)).toBe('evaluation/more.tsv');
    expect(second.files).toHaveLength(3);
  });
});

describe('Hugging Face references', () => {
  it('reads ids, revisions, paths and addresses', () => {
    expect(parseHubReference('org/name')).toEqual({ repo: 'org/name', revision: 'main' });
    const full = parseHubReference('hf:org/name@v1/onnx/model.onnx');
    expect(full).toEqual({ repo: 'org/name', revision: 'v1', path: 'onnx/model.onnx' });
    expect(parseHubReference('https://huggingface.co/org/name/blob/main/model.onnx')).toEqual({
      repo: 'org/name',
      revision: 'main',
      path: 'model.onnx',
    });
    expect(full && hubOrigin(full)).toBe('hf:org/name@v1/onnx/model.onnx');
    expect(parseHubReference('https://example.com/model.onnx')).toBeUndefined();
  });

  const reference = { repo: 'org/name', revision: 'main' };
  const listed = (...paths: string[]) => paths.map((path) => ({ path, size: 1 }));

  it('takes the unquantized model with its shards and company', () => {
    const files = listed(
      'onnx/model_q4.onnx',
      'onnx/model.onnx',
      'onnx/model.onnx_data',
      'config.json',
      'special_tokens_map.json',
      'x.bin',
    );
    expect(chooseFiles(files, reference).map(({ path }) => path)).toEqual([
      'onnx/model.onnx',
      'onnx/model.onnx_data',
      'config.json',
      'special_tokens_map.json',
    ]);
  });

  it('says what to do when there is no model, or more than one', () => {
    expect(() => chooseFiles(listed('model.safetensors'), reference)).toThrow(
      '“org/name” holds no .onnx file, so there is nothing to open here. Look for the same model under onnx-community, or export it with Optimum first.',
    );
    expect(() => chooseFiles(listed('a.onnx', 'b.onnx'), reference)).toThrow(
      '“org/name” holds several models: a.onnx, b.onnx. Add the one you want to the address, as in hf:org/name@main/a.onnx.',
    );
  });
});
