import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../core/onnx/source.ts';
import { partByWord, partsByWords } from './part-words.ts';
import type { ModelFolder } from './types.ts';

const folder: ModelFolder = {
  name: 't5',
  origin: 'file',
  files: [
    'config.json',
    'onnx/decoder_model.onnx',
    'onnx/decoder_model_q4.onnx',
    'onnx/encoder_model.onnx',
  ].map((path) => ({ path, source: bytesSource(new Uint8Array()) })),
};

const paths = (found: readonly { path: string }[]) => found.map(({ path }) => path);

describe('a part by a word', () => {
  it.each([
    ['decoder', 'onnx/decoder_model.onnx'],
    ['decoder_model_q4', 'onnx/decoder_model_q4.onnx'],
    ['encoder_model.onnx', 'onnx/encoder_model.onnx'],
    ['onnx/encoder_model.onnx', 'onnx/encoder_model.onnx'],
  ])('%s is %s', (word, path) => {
    expect(partByWord(folder, word).path).toBe(path);
  });

  it('is refused with what there is', () => {
    expect(() => partByWord(folder, 'decoder-merged')).toThrow(
      'The folder "t5" has no part "decoder-merged"; its parts are "decoder_model" (decoder), "decoder_model_q4" (decoder), "encoder_model" (encoder).',
    );
  });
});

describe('several parts', () => {
  it('are all, each once, or those named', () => {
    expect(paths(partsByWords(folder, 'all'))).toEqual([
      'onnx/decoder_model.onnx',
      'onnx/encoder_model.onnx',
    ]);
    expect(paths(partsByWords(folder, 'encoder, decoder_model_q4,encoder'))).toEqual([
      'onnx/encoder_model.onnx',
      'onnx/decoder_model_q4.onnx',
    ]);
    expect(() => partsByWords(folder, 'encoder,x')).toThrow('has no part "x"');
  });
});
