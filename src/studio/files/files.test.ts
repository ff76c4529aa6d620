import { afterEach, describe, expect, it, vi } from 'vitest';
import { companion, modelFile } from '../../engine/model/folder.ts';
import { engineFolder } from '../../../workers/folder.ts';
import { forPurpose, folderOf, purposeOf, saidPurpose, sortDrop, withData } from './folder.ts';
import { readZip } from '../../core/data/zip.ts';
import { packPictures } from './pack-pictures.ts';
import { choicesOf, filesOfParts, listedParts, usualChoice } from './hub-parts.ts';
import { filesOfRepository, hubOrigin, parseHubReference } from './hub.ts';

const file = (path: string) => ({ path, blob: new Blob([path]) });

describe('drops', () => {
  it('drops the common directory and names the model after what says most', () => {
    const folder = folderOf([file('gpt2/onnx/model.onnx'), file('gpt2/config.json')], 'file');
    expect(folder.name).toBe('gpt2');
    expect(folder.files.map(({ path }) => path)).toEqual(['onnx/model.onnx', 'config.json']);
    expect(folderOf([file('tiny.onnx')], 'file').name).toBe('tiny');
    const parts = ['encoder_model.onnx', 'decoder_model.onnx'];
    expect(folderOf(parts.map(file), 'file').name).toBe('model');
    expect(
      folderOf(
        parts.map((path) => file(`t5/${path}`)),
        'file',
      ).name,
    ).toBe('t5');
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
    expect(sortDrop([file('a.txt'), file('b.csv.gz')], false).kind).toBe('data-first');
    expect(sortDrop([file('a.zip')], false).kind).toBe('model');
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

  it('takes the last word of a name for its purpose, and no other word', () => {
    expect(saidPurpose('moby-calibration.txt')).toBe('calibration');
    expect(saidPurpose('data/mails.Evaluation.jsonl.gz')).toBe('evaluation');
    expect(saidPurpose('calibration-of-scales.txt')).toBeUndefined();
    expect(saidPurpose('recalibration.txt')).toBeUndefined();
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
});

describe('the parts of a repository', () => {
  const listed = [
    ['config.json', 1],
    ['onnx/decoder_model_merged.onnx', 10],
    ['onnx/decoder_model_merged.onnx_data', 90],
    ['onnx/decoder_model_merged_q4.onnx', 30],
    ['onnx/encoder_model.onnx', 50],
    ['onnx/encoder_model_q4.onnx', 20],
    ['tokenizer.json', 2],
    ['x.bin', 3],
  ].map(([path, size]) => ({ path: String(path), size: Number(size) }));
  const parts = listedParts(listed, 'org/name');

  it('are counted with their shards and offered by part and dtype', () => {
    const offered = choicesOf(parts).map(({ name, files }) => [
      name,
      files.map(({ dtype, bytes }) => `${dtype} ${bytes}`),
    ]);
    expect(offered).toEqual([
      ['onnx/decoder_model_merged', ['fp32 100', 'q4 30']],
      ['onnx/encoder_model', ['fp32 50', 'q4 20']],
    ]);
  });

  it('are taken most precise first, with what a loader needs beside', () => {
    expect(usualChoice(parts).map(({ path }) => path)).toEqual([
      'onnx/decoder_model_merged.onnx',
      'onnx/encoder_model.onnx',
    ]);
  });

  it('are fetched with their shards and the company of all', () => {
    const files = filesOfParts(listed, 'org/name', ['onnx/decoder_model_merged.onnx']);
    expect(files.map(({ path }) => path)).toEqual([
      'onnx/decoder_model_merged.onnx',
      'onnx/decoder_model_merged.onnx_data',
      'config.json',
      'tokenizer.json',
    ]);
  });

  it('are none, or not the one that is named: it says what to do', () => {
    expect(() => listedParts([{ path: 'model.safetensors', size: 1 }], 'org/name')).toThrow(
      '“org/name” holds no .onnx file, so there is nothing to open here. Look for the same model under onnx-community, or export it with Optimum first.',
    );
    expect(() => filesOfParts(listed.slice(0, 2), 'org/name', ['a.onnx'])).toThrow(
      '“org/name” holds no file “a.onnx”; its models are onnx/decoder_model_merged.onnx. Correct the address, or give the repository alone to choose.',
    );
  });
});

describe('a repository, listed without a network', () => {
  const listFiles = (...paths: string[]) =>
    vi.doMock('@huggingface/hub', () => ({
      HubApiError: class extends Error {},
      async *listFiles() {
        for (const path of paths) yield { path, size: 7, type: 'file' };
      },
    }));
  const reference = { repo: 'org/name', revision: 'main' };
  const never = () => Promise.reject(new Error('It was asked.'));
  afterEach(() => vi.doUnmock('@huggingface/hub'));

  it('asks for one of several parts, and fetches the answer', async () => {
    listFiles('onnx/model.onnx', 'onnx/model_q4.onnx', 'config.json');
    const asked: string[] = [];
    const found = await filesOfRepository(reference, (repo, parts) => {
      asked.push(repo, ...parts.map(({ path }) => path));
      return Promise.resolve(['onnx/model_q4.onnx']);
    });
    expect(asked).toEqual(['org/name', 'onnx/model.onnx', 'onnx/model_q4.onnx']);
    expect(found?.wanted[0]).toEqual({
      path: 'onnx/model_q4.onnx',
      bytes: 7,
      url: 'https://huggingface.co/org/name/resolve/main/onnx/model_q4.onnx',
    });
    expect(found?.model).toBe('onnx/model_q4.onnx');
  });

  it('asks nothing where there is one part, or one is named', async () => {
    listFiles('onnx/model.onnx', 'config.json');
    expect((await filesOfRepository(reference, never))?.paths).toEqual(['onnx/model.onnx']);
    listFiles('a.onnx', 'b.onnx');
    const named = await filesOfRepository({ ...reference, path: 'b.onnx' }, never);
    expect(named?.paths).toEqual(['b.onnx']);
  });

  it('is left when the question is', async () => {
    listFiles('a.onnx', 'b.onnx');
    expect(await filesOfRepository(reference, () => Promise.resolve(undefined))).toBeUndefined();
  });
});
