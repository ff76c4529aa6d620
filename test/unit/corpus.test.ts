/** A part of `npm run evidence -- corpus`: models as exporters write them, tried by the command line. */
import { expect, it } from 'vitest';
import { cutTexts, inScratch } from '../../tools/evidence/corpus/cells.ts';
import { ENTRIES } from '../../tools/evidence/corpus/entries.ts';
import { SHIPPED, tryEntry } from '../../tools/evidence/corpus/run.ts';

const TRIED = [
  'gpt2-optimum/onnx/decoder_model_merged.onnx',
  'llama-q4/onnx/model_q4.onnx',
  'vit-functions/onnx/model.onnx',
];

it.each(TRIED)(
  '%s is recognised, compressed and measured as plain onnxruntime measures it',
  async (file) => {
    const entry = ENTRIES.find((candidate) => candidate.file === file);
    if (entry === undefined) throw new Error(`no entry ${file}`);
    const cells = await inScratch(async (scratch) => {
      const place = { corpus: SHIPPED, scratch };
      await cutTexts(place);
      return tryEntry(place, entry, ['inspect', 'q4', 'evaluate']);
    });
    expect(cells.filter(({ right }) => !right)).toEqual([]);
    expect(cells.at(-1)?.text).toMatch(/^within /);
  },
  240_000,
);
