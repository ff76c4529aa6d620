import { describe, expect, it } from 'vitest';
import { sampleModel } from '../../../test/support/sample.ts';
import { tinyDecoder, tinyEncoder, tinyPartsFolder } from '../../../test/support/tiny-parts.ts';
import { tinyDecoderFolder } from '../../../test/support/tiny-decoder.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import { belongingWarnings } from './belonging.ts';
import type { ModelFolder } from './folder.ts';
import { openModel } from './open.ts';
import { partByWord, withPart } from './part-words.ts';

const warningsOf = async (folder: ModelFolder, word?: string) =>
  belongingWarnings(
    await openModel(word === undefined ? folder : withPart(folder, partByWord(folder, word))),
  );

const withConfig = (folder: ModelFolder, config: unknown): ModelFolder => ({
  ...folder,
  files: [
    ...folder.files.filter(({ path }) => path !== 'config.json'),
    {
      path: 'config.json',
      source: bytesSource(new TextEncoder().encode(JSON.stringify(config))),
    },
  ],
});

describe('what does not belong together', () => {
  it.each(['stories', 'digits', 'mail'])('is nothing in the sample %s', async (name) => {
    expect(await warningsOf(await sampleModel(name))).toEqual([]);
  });

  it('is a config.json with another vocabulary or width', async () => {
    const folder = await tinyDecoderFolder('gpt2 with cache, none yet');
    const { anatomy } = await openModel(folder);
    const { vocabularySize: rows = 0, hiddenSize: width = 0 } = anatomy;
    expect(await warningsOf(withConfig(folder, { vocab_size: rows, n_embd: width }))).toEqual([]);
    expect(await warningsOf(withConfig(folder, { vocab_size: rows - 3 }))).toEqual([]);
    expect(await warningsOf(withConfig(folder, { vocab_size: 30522, n_embd: 768 }))).toEqual([
      `The config.json says a vocabulary of 30522, but "model.onnx" has ${rows}, so they do not belong together; replace the one that is not of this model.`,
      `The config.json says a hidden size of 768, but "model.onnx" has ${width}, so they do not belong together; replace the one that is not of this model.`,
    ]);
  });

  it('is an encoder that gives other vectors than its decoder takes', async () => {
    expect(await warningsOf(await tinyPartsFolder())).toEqual([]);
    const folder = withConfig(
      await tinyPartsFolder({
        'onnx/decoder_model.onnx': tinyDecoder(),
        'onnx/encoder_model.onnx': tinyEncoder({ hidden: 16 }),
      }),
      {},
    );
    const sentence =
      'The encoder "onnx/encoder_model.onnx" gives vectors of 16 numbers, but the decoder "onnx/decoder_model.onnx" takes 32, so they do not belong together; replace the one that is not of this model.';
    expect(await warningsOf(folder, 'encoder')).toEqual([sentence]);
    expect(await warningsOf(folder, 'decoder')).toEqual([sentence]);
  });
});
