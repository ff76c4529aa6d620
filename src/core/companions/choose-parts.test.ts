import { describe, expect, it } from 'vitest';
import { defaultPart, distinctParts, partsBeside, precisePart } from './choose-parts.ts';
import { partOf } from './parts.ts';

const parts = (...paths: string[]) => paths.map((path) => partOf({ path }));
const paths = (found: readonly { path: string }[]) => found.map(({ path }) => path);

const OPTIMUM = [
  'onnx/decoder_model.onnx',
  'onnx/decoder_model_merged.onnx',
  'onnx/decoder_model_merged_q4.onnx',
  'onnx/decoder_with_past_model.onnx',
  'onnx/encoder_model.onnx',
  'onnx/encoder_model_fp16.onnx',
];

describe('the part that stands for a folder', () => {
  it.each([
    [['onnx/model.onnx', 'model.onnx'], 'model.onnx'],
    [['a.onnx', 'onnx/model.onnx'], 'onnx/model.onnx'],
    [OPTIMUM, 'onnx/decoder_model_merged.onnx'],
    [['onnx/encoder_model.onnx', 'onnx/decoder_model.onnx'], 'onnx/decoder_model.onnx'],
    [['onnx/model_q4.onnx', 'onnx/model_fp16.onnx'], 'onnx/model_fp16.onnx'],
    [['onnx/decoder_model_q4.onnx', 'onnx/encoder_model.onnx'], 'onnx/encoder_model.onnx'],
    [['onnx/embed_tokens.onnx', 'onnx/vision_encoder.onnx'], 'onnx/vision_encoder.onnx'],
    [['b.onnx', 'a.onnx'], 'a.onnx'],
  ])('of %j is %s', (files, expected) => {
    expect(defaultPart(parts(...files))?.path).toBe(expected);
  });

  it('is none where there is none', () => {
    expect(defaultPart([])).toBeUndefined();
  });
});

describe('distinct parts', () => {
  it('are each part once, from its most precise file', () => {
    expect(paths(distinctParts(parts(...OPTIMUM)))).toEqual([
      'onnx/decoder_model.onnx',
      'onnx/decoder_model_merged.onnx',
      'onnx/decoder_with_past_model.onnx',
      'onnx/encoder_model.onnx',
    ]);
    expect(paths(distinctParts(parts('x/model_q4.onnx', 'x/model_fp16.onnx')))).toEqual([
      'x/model_fp16.onnx',
    ]);
    expect(distinctParts(parts('unet/model.onnx', 'vae/model.onnx'))).toHaveLength(2);
  });
});

describe('the most precise file of a part', () => {
  it('is another of the same name and place, or none', () => {
    const all = parts('onnx/model_q4.onnx', 'onnx/model_fp16.onnx', 'x/model.onnx');
    expect(precisePart(all, all[0])?.path).toBe('onnx/model_fp16.onnx');
    expect(precisePart(all, all[1])).toBeUndefined();
    expect(precisePart(all, all[2])).toBeUndefined();
  });
});

describe('the parts a loader needs beside the chosen', () => {
  const beside = (files: string[], ...chosen: string[]) =>
    paths(partsBeside(parts(...files), parts(...chosen)));

  it('are the encoder, and the merged decoder for both others', () => {
    expect(beside(OPTIMUM, 'onnx/decoder_model_merged.onnx')).toEqual(['onnx/encoder_model.onnx']);
    expect(beside(OPTIMUM, 'onnx/decoder_model.onnx')).toEqual([
      'onnx/decoder_model_merged.onnx',
      'onnx/encoder_model.onnx',
    ]);
    expect(beside(OPTIMUM, 'onnx/encoder_model_fp16.onnx')).toEqual([
      'onnx/decoder_model_merged.onnx',
    ]);
  });

  it('are none where a model is whole, or models only lie side by side', () => {
    expect(beside(['model.onnx', 'text_model.onnx'], 'text_model.onnx')).toEqual([]);
    expect(beside(['a.onnx', 'b.onnx'], 'a.onnx')).toEqual([]);
    expect(
      beside(['x/encoder_model.onnx', 'y/decoder_model.onnx'], 'x/encoder_model.onnx'),
    ).toEqual([]);
  });
});
