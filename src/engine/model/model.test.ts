import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel } from '../../../test/support/sample.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import type { Model, ValueInfo } from '../../core/onnx/types.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { contextLength, labelsOf, readConfig } from './config.ts';
import { companion, externalResolver, modelFile, type ModelFolder } from './folder.ts';
import { openModel, type OpenModel } from './open.ts';
import { taskOf } from './task.ts';

const folder = (...paths: string[]): ModelFolder => ({
  name: 'm',
  origin: 'file',
  files: paths.map((path) => ({ path, source: bytesSource(new Uint8Array()) })),
});

const config = (json: string) => ({
  ...folder(),
  files: [{ path: 'config.json', source: bytesSource(new TextEncoder().encode(json)) }],
});

describe('the model file of a folder', () => {
  it('is model.onnx, or the only one', () => {
    expect(modelFile(folder('b.onnx', 'onnx/model.onnx')).path).toBe('onnx/model.onnx');
    expect(modelFile(folder('a.txt', 'x/B.ONNX')).path).toBe('x/B.ONNX');
    expect(modelFile(folder('whatever')).path).toBe('whatever');
  });

  it('is the chosen part, else the one that stands for the folder', () => {
    const parts = folder('onnx/decoder_model.onnx', 'onnx/encoder_model.onnx');
    expect(modelFile(parts).path).toBe('onnx/decoder_model.onnx');
    expect(modelFile({ ...parts, model: 'onnx/encoder_model.onnx' }).path).toBe(
      'onnx/encoder_model.onnx',
    );
    expect(modelFile({ ...parts, model: 'gone.onnx' }).path).toBe('onnx/decoder_model.onnx');
  });

  it('is refused when there is none', () => {
    expect(() => modelFile(folder('a.txt', 'b.txt'))).toThrow(
      'The folder "m" holds no .onnx file (found: a.txt, b.txt); add the exported ONNX model to it.',
    );
    expect(() => modelFile(folder())).toThrow('(found: nothing)');
  });

  it('finds its company above and beside it, and data only inside the folder', () => {
    const files = folder('onnx/model.onnx', 'onnx/model.onnx_data', 'secret', 'tokenizer.json');
    expect(companion(files, 'tokenizer.json')?.path).toBe('tokenizer.json');
    expect(companion(files, 'model.onnx_data')?.path).toBe('onnx/model.onnx_data');
    const resolve = externalResolver(files, modelFile(files));
    expect(resolve('model.onnx_data')).toBe(files.files[1].source);
    for (const path of ['../secret', '/secret', 'secret', ''])
      expect(resolve(path)).toBeUndefined();
  });
});

describe('config.json', () => {
  it('gives labels in index order and the context length', async () => {
    const read = await readConfig(
      config('{"id2label":{"10":"k","2":"c"},"n_positions":64,"x":[]}'),
    );
    expect(labelsOf(read)).toEqual(['c', 'k']);
    expect(contextLength(read)).toBe(64);
  });

  it('counts as empty when absent or odd, and is named when it is no JSON', async () => {
    expect(await readConfig(folder())).toEqual({});
    expect(await readConfig(config('{"n_positions":"many"}'))).toEqual({});
    await expect(readConfig(config('{'))).rejects.toThrow(
      'The file "config.json" is not valid JSON, so it cannot be used; replace it by the one that belongs to the model.',
    );
  });
});

describe('the task', () => {
  let stories: OpenModel;
  beforeAll(async () => {
    stories = await openModel(await sampleModel('stories'));
  });

  const shaped = (...dims: (number | string)[]): Model => {
    const type = {
      dataType: DataType.float32,
      dims: dims.map((d) => (typeof d === 'number' ? { value: d } : { symbol: d })),
    };
    const output: ValueInfo = { name: 'out', type };
    return { ...stories.model, graph: { ...stories.model.graph, outputs: [output] } };
  };

  it('is told by the shapes of inputs and outputs', () => {
    const { anatomy, model } = stories;
    const noTokens = { ...model, graph: { ...shaped('b', 10).graph, inputs: [] } };
    expect(taskOf(model, anatomy, {}).task).toBe('language-model');
    expect(taskOf(shaped('b', 's', 512), anatomy, {}).task).toBe('language-model');
    expect(taskOf(shaped('b', 's', 64), anatomy, {}).task).toBe('encoder');
    expect(taskOf(model, anatomy, { architectures: ['BertForMaskedLM'] }).task).toBe(
      'masked-language-model',
    );
    expect(taskOf(shaped('b', 10), anatomy, {}).task).toBe('classifier');
    expect(taskOf(noTokens, anatomy, {}).task).toBe('classifier');
    expect(taskOf(shaped('b', 'n', 4, 4), anatomy, {}).task).toBe('encoder');
  });
});
