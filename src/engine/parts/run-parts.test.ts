import { describe, expect, it } from 'vitest';
import { testHost } from '../../../test/support/sample.ts';
import { tinyDecoder, tinyEncoder, tinyPartsFolder } from '../../../test/support/tiny-parts.ts';
import { tinyPairFolder, wordPairs } from '../../../test/support/tiny-pair.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import type { ExampleDataset } from '../../core/data/types.ts';
import { CancelledError } from '../../core/errors/lathe-error.ts';
import type { Model } from '../../core/onnx/types.ts';
import { presetByName } from '../../core/recipe/presets.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { exportedParts } from '../export/folder.ts';
import { readAll, type ModelFolder } from '../model/folder.ts';
import { openModel } from '../model/open.ts';
import { partsByWords, withPart } from '../model/part-words.ts';
import { partOf } from '../model/parts.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { TrialStore } from '../trials/store.ts';
import type { PartData } from './fitting-data.ts';
import { exportedTrial } from './from-store.ts';
import { runParts } from './run-parts.ts';

const Q4 = presetByName('q4').recipe;
const storage = new MemoryStorage();
const quiet = { progress: () => undefined };

async function run(
  folder: ModelFolder,
  words = 'all',
  { recipe = Q4, data = {} }: { recipe?: Recipe; data?: PartData } = {},
) {
  const parts = partsByWords(folder, words);
  const input = { folder, parts, recipe, data: () => Promise.resolve(data) };
  return runParts(testHost(storage), input, quiet);
}

/** A model in which no layer is. */
function layerless(): Model {
  const g = new GraphBuilder();
  g.output(g.op('Neg', [g.input('x', 'float32', [1])]), 'float32', [1], 'y');
  return g.finish();
}

const textAt = async (files: ModelFolder['files'], path: string) => {
  const file = files.find((candidate) => candidate.path === path);
  return file === undefined ? '' : new TextDecoder().decode(await readAll(file));
};

describe('an encoder with its decoder', () => {
  it('is measured with both parts compressed, where there are pairs', async () => {
    const folder = await tinyPairFolder({ source: 'text', opened: 'decoder' });
    const evaluation = wordPairs(6);
    const words = 'encoder,decoder';
    const { together, made } = await run(folder, words, { data: { evaluation } });
    expect(made).toHaveLength(2);
    const alone = made.map(({ trial }) => trial.report?.evaluation?.compressed.kl?.value ?? NaN);
    expect(together?.protocol).toMatch(
      /^both parts compressed, on .+; \d+ tokens scored; errors by pair$/,
    );
    expect(together?.original?.perplexity?.n).toBe(together?.compressed?.perplexity?.n);
    for (const one of alone) expect(together?.compressed?.kl?.value).not.toBe(one);
    expect(together?.compressed?.kl?.value).toBeGreaterThan(0);
    expect(await run(folder, words)).not.toHaveProperty('together');
    expect(await run(folder, 'decoder', { data: { evaluation } })).not.toHaveProperty('together');
  });
});

describe('one recipe on several parts', () => {
  it('makes a folder in the same layout that opens part by part', async () => {
    const { lines, made } = await run(await tinyPartsFolder());
    expect(lines.map(({ path, role }) => [path, role])).toEqual([
      ['onnx/decoder_model_merged.onnx', 'decoder-merged'],
      ['onnx/encoder_model.onnx', 'encoder'],
    ]);
    const files = await exportedParts(made);
    expect(files.map(({ path }) => path)).toEqual([
      'onnx/decoder_model_merged_q4.onnx',
      'onnx/encoder_model_q4.onnx',
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'README.md',
      'lathe-report.decoder_model_merged_q4.json',
      'lathe-report.encoder_model_q4.json',
    ]);
    const folder = { name: 'again', origin: 'file', files };
    for (const [index, { trial }] of made.entries()) {
      const again = await openModel(withPart(folder, files[index]));
      expect(again.sha256).toBe(trial.report?.outputSha256);
      expect(again.bytes).toBe(lines[index].bytesAfter);
      expect(trial.parts).toEqual(lines);
    }
    expect(JSON.parse(await textAt(files, 'config.json'))).toMatchObject({
      'transformers.js_config': { dtype: { decoder_model_merged: 'q4', encoder_model: 'q4' } },
    });
  });

  it('leaves a part as it is when nothing can be done in it or it cannot be opened, and says so', async () => {
    const good = await tinyPartsFolder({
      'onnx/decoder_model.onnx': tinyDecoder(),
      'onnx/vision_model.onnx': layerless(),
    });
    const broken = { path: 'onnx/encoder_model.onnx', source: good.files[0].source };
    const folder = { ...good, files: [...good.files, broken] };
    const { lines, made } = await run(folder);
    expect(lines.map(({ message }) => message)).toEqual([
      undefined,
      'The recipe changes nothing in this model, because no step found a layer it can work on; choose other targets.',
      expect.stringContaining('"onnx/encoder_model.onnx"'),
    ]);
    expect(lines[1].bytesAfter).toBe(lines[1].bytesBefore);
    const files = await exportedParts(made);
    expect(files.map(({ path }) => path).slice(0, 3)).toEqual([
      'onnx/decoder_model_q4.onnx',
      'onnx/vision_model.onnx',
      'onnx/encoder_model.onnx',
    ]);
    const card = await textAt(files, 'README.md');
    expect(card).toContain('| onnx/vision_model.onnx: The recipe changes nothing');
  });

  it('measures a part on made-up inputs when the data does not fit it', async () => {
    const encoder: ExampleDataset = {
      kind: 'examples',
      name: 'e.npz',
      count: 2,
      arrays: Object.fromEntries(
        ['input_ids', 'attention_mask'].map((name) => [
          name,
          {
            dataType: DataType.int64,
            dims: [2, 3],
            data: BigInt64Array.from([1n, 1n, 1n, 1n, 1n, 1n]),
          },
        ]),
      ),
    };
    const { made } = await run(await tinyPartsFolder(), 'all', { data: { evaluation: encoder } });
    const [decoder, other] = made.map(({ trial }) => trial.report);
    expect([decoder?.scores, other?.scores]).toEqual(['fidelity', 'quality']);
    expect(decoder?.warnings?.[0]).toMatch(
      /^"e\.npz" does not fit "onnx\/decoder_model_merged\.onnx", so it was measured on made-up inputs: .*"encoder_hidden_states"/,
    );
  });

  it('says of each part that a step needs data it was not given', async () => {
    const recipe = parseRecipe({ version: 1, steps: [{ method: 'gptq', options: { bits: 4 } }] });
    const { lines, made } = await run(await tinyPartsFolder(), 'all', { recipe });
    expect(made).toEqual([]);
    for (const { message } of lines) expect(message).toContain('calibration');
  });

  it('refuses two parts of one name before anything runs', async () => {
    const folder = await tinyPartsFolder({
      'encoder_model.onnx': tinyEncoder(),
      'onnx/encoder_model.onnx': tinyEncoder(),
    });
    await expect(run(folder)).rejects.toThrow(
      'The parts "encoder_model.onnx" and "onnx/encoder_model.onnx" would both be written as "onnx/encoder_model_q4.onnx"; choose one of them.',
    );
  });

  it('is ended by a cancel alone', async () => {
    const folder = await tinyPartsFolder();
    const signal = AbortSignal.abort(new CancelledError());
    const input = {
      folder,
      parts: partsByWords(folder, 'all'),
      recipe: Q4,
      data: () => Promise.resolve({}),
    };
    await expect(runParts(testHost(), input, { ...quiet, signal })).rejects.toThrow(CancelledError);
  });

  it('moves one bar forward over all parts', async () => {
    const folder = await tinyPartsFolder();
    const seen: number[] = [];
    const stages = new Set<string>();
    const input = {
      folder,
      parts: partsByWords(folder, 'all'),
      recipe: Q4,
      data: () => Promise.resolve({}),
    };
    await runParts(testHost(), input, {
      progress: ({ stage, fraction }) => {
        seen.push(fraction);
        stages.add(stage);
      },
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeCloseTo(1, 9);
    expect([...stages]).toContain('encoder_model: Writing the file');
  });
});

describe('a stored trial of such a run', () => {
  it('is exported with the others, from the folder it was made from', async () => {
    const folder = await tinyPartsFolder();
    const { made } = await run(folder);
    const store = new TrialStore(storage);
    const open = await openModel(folder);
    const files = await exportedTrial(open, store, made[1].trial.id);
    const expected = await exportedParts(made);
    expect(files.map(({ path }) => path)).toEqual(expected.map(({ path }) => path));
    const other = await openModel(
      await tinyPartsFolder({
        'onnx/decoder_model_merged.onnx': tinyDecoder(),
        'onnx/encoder_model.onnx': tinyEncoder({ hidden: 16 }),
      }),
    );
    await expect(exportedTrial(other, store, made[1].trial.id)).rejects.toThrow(
      'The part "onnx/encoder_model.onnx" of the open folder is not the one this result was made from; open the folder it was made from, or run the recipe again.',
    );
  });
});

describe('one part of several', () => {
  it('is exported under its name, with what a loader needs beside it', async () => {
    const folder = await tinyPartsFolder();
    const { made } = await run(folder, 'encoder');
    const files = await exportedParts(made);
    expect(files.map(({ path }) => path).slice(0, 2)).toEqual([
      'onnx/encoder_model_q4.onnx',
      'onnx/decoder_model_merged.onnx',
    ]);
    expect(JSON.parse(await textAt(files, 'config.json'))).toMatchObject({
      'transformers.js_config': { dtype: { decoder_model_merged: 'fp32', encoder_model: 'q4' } },
    });
    expect(partOf(files[0])).toMatchObject({ role: 'encoder', dtype: 'q4' });
  });
});
