import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../core/onnx/source.ts';
import type { ModelFolder } from './folder.ts';
import { partOf, partsOf, siblingPart } from './parts.ts';

const folder = (...paths: string[]): ModelFolder => ({
  name: 'm',
  origin: 'file',
  files: paths.map((path) => ({ path, source: bytesSource(new Uint8Array()) })),
});

describe('the parts of a folder', () => {
  it.each([
    ['onnx/decoder_model_merged_q4f16.onnx', 'decoder-merged', 'q4f16'],
    ['decoder_with_past_model.onnx', 'decoder-with-past', 'fp32'],
    ['onnx/decoder_model_fp16.onnx', 'decoder', 'fp16'],
    ['onnx/encoder_model_quantized.onnx', 'encoder', 'q8'],
    ['onnx/vision_model.onnx', 'vision', 'fp32'],
    ['onnx/model_q4.onnx', 'model', 'q4'],
    ['whatever.onnx', 'model', 'fp32'],
  ])('%s is a %s of dtype %s', (path, role, dtype) => {
    expect(partOf({ path })).toEqual({ path, role, dtype });
  });

  it('are its .onnx files', () => {
    const files = folder('config.json', 'onnx/a.onnx', 'onnx/a.onnx_data');
    expect(partsOf(files).map(({ path }) => path)).toEqual(['onnx/a.onnx']);
  });

  it('belong together in one place, by dtype first', () => {
    const files = folder(
      'encoder_model.onnx',
      'onnx/encoder_model.onnx',
      'onnx/encoder_model_q4.onnx',
      'onnx/decoder_model_q4.onnx',
      'onnx/decoder_model_fp16.onnx',
    );
    const decoder = (path: string) => siblingPart(files, partOf({ path }), 'encoder')?.path;
    expect(decoder('onnx/decoder_model_q4.onnx')).toBe('onnx/encoder_model_q4.onnx');
    expect(decoder('onnx/decoder_model_fp16.onnx')).toBe('onnx/encoder_model.onnx');
    expect(siblingPart(files, partOf({ path: 'x/decoder_model.onnx' }), 'encoder')).toBeUndefined();
  });
});
