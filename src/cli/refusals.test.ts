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
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { externalize, joinParts, writeModel } from '../core/onnx/write.ts';
import { readModel } from '../core/onnx/read.ts';
import { bytesSource } from '../core/onnx/source.ts';
import { compress } from './commands/compress.ts';
import { inspect } from './commands/inspect.ts';
import { sweep } from './commands/sweep.ts';
import { train } from './commands/train.ts';

const STORIES = fileURLToPath(new URL('../../public/samples/stories/', import.meta.url));
const signal = new AbortController().signal;

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lathe-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The sentence a command ends with. */
async function refusal(work: Promise<void>): Promise<string> {
  return work.then(
    () => 'it was not refused',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const compressing = (model: string, recipe: string, out: string, ...more: string[]) =>
  refusal(compress([model, '--recipe', recipe, '--out', out, ...more], signal));

async function file(name: string, contents: string | Uint8Array): Promise<string> {
  await writeFile(at(name), contents);
  return at(name);
}

async function weightsBeside(path: string) {
  const bytes = new Uint8Array(await readFile(join(STORIES, 'model.onnx')));
  const { model, files } = externalize(await readModel(bytesSource(bytes)), { path });
  return { graph: await writeModel(model), data: await joinParts(files[0]) };
}

describe('files that are no ONNX model', () => {
  it.each([
    ['a.gguf', 'GGUF\x03\0\0\0', /GGUF/],
    ['a.zip', 'PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', /[Zz][Ii][Pp]/],
    ['a.html', '<!doctype html><html></html>', /web page|HTML/],
    ['a.lfs', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n', /LFS/],
    [
      'a.safetensors',
      '\x40\0\0\0\0\0\0\0{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}          \0\0\0\0',
      /safetensors/,
    ],
    ['a.empty', '', /empty/],
  ])('%s is named for what it is', async (name, contents, kind) => {
    const sentence = await refusal(inspect([await file(name, Buffer.from(contents, 'latin1'))]));
    expect(sentence).toMatch(kind);
    expect(sentence).toContain(`"${name}"`);
    expect(sentence).not.toMatch(/\n/);
    expect(sentence).toMatch(/\.$/);
  });

  it('are told from truncated ones', async () => {
    const bytes = await readFile(join(STORIES, 'model.onnx'));
    const cut = await file('cut.onnx', bytes.subarray(0, 700_000));
    expect(await refusal(inspect([cut]))).toMatch(/cut off|ends|truncated|incomplete/);
  });
});

describe('weights beside the model', () => {
  it('are found through links too, and missed when they are not there', async () => {
    const { graph, data } = await weightsBeside('w.data');
    await mkdir(at('cache'));
    await writeFile(at('cache/blob'), data);
    await writeFile(at('cache/graph.onnx'), graph);
    expect(await refusal(inspect([at('cache/graph.onnx'), '--json']))).toMatch(/"?w\.data"?/);
    await symlink(at('cache/blob'), at('cache/w.data'));
    const over = await compressing(at('cache/graph.onnx'), 'q4', at('cache/w.data'));
    expect(over).toBe(
      `"${at('cache/w.data')}" is one of the files that are read, and writing it would destroy it; give another name.`,
    );
  });

  it('are never read from outside its folder', async () => {
    const { graph, data } = await weightsBeside('../secret.data');
    await mkdir(at('inner'));
    await writeFile(at('secret.data'), data);
    await writeFile(at('inner/model.onnx'), graph);
    expect(await refusal(inspect([at('inner/model.onnx')]))).toMatch(/\.\.\/secret\.data/);
  });
});

describe('recipes, data and samples', () => {
  it('are refused with the path and the nearest name', async () => {
    const out = at('never.onnx');
    const bad = async (name: string, recipe: unknown) =>
      compressing('sample:stories', await file(name, JSON.stringify(recipe)), out);
    const step = { method: 'round-to-nearest' };
    expect(await bad('r1.json', { version: 1, steps: [{ ...step, option: {} }] })).toBe(
      'steps[0].option: there is no field "option"; did you mean "options"?',
    );
    expect(
      await bad('r2.json', { version: 1, steps: [{ ...step, options: { bits: 99 } }] }),
    ).toMatch(/^steps\[0\]\.options\.bits: 99 is /);
    expect(await bad('r3.json', { version: 1, steps: [{ method: 'gtpq' }] })).toBe(
      'steps[0].method: there is no method "gtpq"; did you mean "gptq"?',
    );
    expect(await compressing('sample:stories', 'q5', out)).toMatch(
      /^There is no recipe file and no preset "q5"; the presets are fp16, q8, .*\.$/,
    );
    expect(await compressing('sample:storie', 'q4', out)).toBe(
      'There is no sample "storie"; the samples are sample:digits, sample:handwriting, sample:mail, sample:prose, sample:stories.',
    );
    expect(await compressing('nothing.onnx', 'q4', out)).toBe(
      'There is no file or folder "nothing.onnx"; give an .onnx file, a model folder or sample:NAME.',
    );
  });

  it('are refused before the work when the data cannot be used', async () => {
    const out = at('never.onnx');
    const evaluated = async (name: string, contents: string) =>
      compressing('sample:stories', 'q4', out, '--eval', await file(name, contents));
    expect(await evaluated('empty.txt', '')).toBe(
      'The data "empty.txt" is empty; choose a file with contents.',
    );
    expect(await compressing('sample:stories', 'q4', out, '--eval', at('no.txt'))).toBe(
      `There is no data file "${at('no.txt')}"; give a .txt, .csv, .tsv, .jsonl, .npz or .parquet file, or a folder or .zip of pictures, or sample:NAME.`,
    );
    expect(await evaluated('a.docx', 'x')).toMatch(
      /^The file "a.docx" is no data that can be read/,
    );
    expect(await compressing('sample:digits', 'q8', out, '--eval', 'sample:stories')).toMatch(
      /^The data "sample:stories" is text, but the model "digits" takes arrays/,
    );
  });

  it('are refused when the tokenizer is another model’s', async () => {
    await mkdir(at('misfit'));
    await copyFile(join(STORIES, 'model.onnx'), at('misfit/model.onnx'));
    const json = JSON.parse(await readFile(join(STORIES, 'tokenizer.json'), 'utf8')) as {
      model: { vocab: Record<string, number> };
    };
    json.model.vocab['zzzz'] = 999;
    await writeFile(at('misfit/tokenizer.json'), JSON.stringify(json));
    const sentence = await compressing(
      at('misfit'),
      'q4',
      at('x.onnx'),
      '--eval',
      'sample:stories',
    );
    expect(sentence).toMatch(/^The tokenizer has 1000 tokens but the model only 512, /);
  });
});

describe('places to write to', () => {
  it('are settled before the work starts', async () => {
    const model = at('model.onnx');
    await copyFile(join(STORIES, 'model.onnx'), model);
    const recipe = await file('q.json', '{"version":1,"steps":[{"method":"float16"}]}');
    const destroys = (path: string) =>
      `"${path}" is one of the files that are read, and writing it would destroy it; give another name.`;
    expect(await compressing(model, recipe, model)).toBe(destroys(model));
    expect(await compressing(model, recipe, recipe)).toBe(destroys(recipe));
    const out = at('new/folder/out.onnx');
    expect(await compressing(model, recipe, out, '--report', out)).toBe(destroys(out));
    expect(await readdir(at('new/folder'))).toEqual([]);
    expect(await compressing(model, recipe, folder)).toBe(
      `"${folder}" is a folder; give the name of the file to write.`,
    );
    const inside = join(model, 'out.onnx');
    expect(await compressing(model, recipe, inside)).toBe(
      `"${inside}" cannot be written: a part of its path is a file, not a folder; choose another place.`,
    );
    const grid = await file('grid.json', '{"version":1,"base":"q4","vary":{}}');
    const data = ['--data', 'sample:stories', '--eval', 'sample:stories'];
    expect(await refusal(sweep([model, '--grid', grid, ...data, '--out', inside], signal))).toMatch(
      / cannot be written: a part of its path is a file/,
    );
  });
});

describe('lathe train', () => {
  const trainingOf = (objective: string, out: string) => {
    const named = ['--objective', objective, '--data', 'x', '--out', out];
    return ['sample:stories', ...named];
  };

  it('writes an adapter only where one is kept', async () => {
    const objective = join(folder, 'merged.json');
    await writeFile(objective, JSON.stringify({ version: 1, method: 'lora' }));
    const words = trainingOf(objective, at('m.onnx'));
    expect(await refusal(train([...words, '--adapter', at('adapter')], signal))).toBe(
      'The objective keeps no adapter, so there is none to write with --adapter; use the method "lora" with the option "result": "adapter".',
    );
  });

  it('takes training methods only', async () => {
    const objective = join(folder, 'objective.json');
    await writeFile(objective, JSON.stringify({ version: 1, method: 'gptq' }));
    const words = trainingOf(objective, join(folder, 'o.onnx'));
    expect(await refusal(train(words, signal))).toBe(
      'The objective\'s method "gptq" trains nothing; use "lathe compress" for it, or name a training method such as "fine-tune", "lora" or "distill".',
    );
  });
});
