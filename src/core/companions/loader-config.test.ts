import { describe, expect, it } from 'vitest';
import { companionJson, withJson } from './files.ts';
import { withLoaderConfig } from './loader-config.ts';

const config = (json: unknown) => withJson(new Map(), 'config.json', json);
const told = (paths: string[], json: unknown = {}) => {
  const files = withLoaderConfig(config(json), paths);
  return (companionJson(files, 'config.json') as Record<string, unknown>)['transformers.js_config'];
};

describe('what transformers.js is told', () => {
  it('is the dtype of each of several parts, where it has a word for it', () => {
    expect(
      told([
        'onnx/decoder_model_merged.onnx',
        'onnx/encoder_model_quantized.onnx',
        'onnx/a_q3.onnx',
      ]),
    ).toEqual({ dtype: { decoder_model_merged: 'fp32', encoder_model: 'q8' } });
  });

  it('is how many data files a model has', () => {
    expect(
      told(['onnx/model_q4.onnx', 'onnx/model_q4.onnx_data', 'onnx/model_q4.onnx_data_1']),
    ).toEqual({ use_external_data_format: { 'model_q4.onnx': 2 } });
  });

  it('comes beside what it was told before', () => {
    const before = { 'transformers.js_config': { device: 'webgpu', dtype: 'q4' } };
    expect(told(['onnx/a.onnx', 'onnx/b_fp16.onnx'], before)).toEqual({
      device: 'webgpu',
      dtype: { a: 'fp32', b: 'fp16' },
    });
  });

  it('is nothing for one file, and without a config.json', () => {
    const files = config({ model_type: 'bert' });
    expect(withLoaderConfig(files, ['onnx/model_q4.onnx'])).toBe(files);
    const none = new Map();
    expect(withLoaderConfig(none, ['a.onnx', 'b.onnx'])).toBe(none);
  });
});
