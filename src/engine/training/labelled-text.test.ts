import { describe, expect, it } from 'vitest';
import { mailTable, tinyMailFolder, tinyMails, TINY } from '../../../test/support/tiny-mail.ts';
import { testHost } from '../../../test/support/sample.ts';
import { parseDataset } from '../../core/data/parse-dataset.ts';
import type { Dataset, ExampleDataset } from '../../core/data/types.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { openModel } from '../model/open.ts';
import { runTrial } from '../run-trial.ts';
import { trainingData } from './training-data.ts';

const open = await openModel(await tinyMailFolder());
const host = { ...testHost(), runtime: () => createNodeRuntime({ threads: 1 }) };

function data(name: string, text: string): Dataset {
  return parseDataset({ name, bytes: new TextEncoder().encode(text) });
}

const training = data('train.csv', mailTable(tinyMails(120, 1)));
const evaluation = data('test.csv', mailTable(tinyMails(60, 2)));

function fineTune(calibration: Dataset) {
  const objective = {
    version: 1,
    method: 'fine-tune',
    length: 64,
    options: { steps: 60, batchSize: 8, learningRate: 0.02, validateEvery: 20 },
  };
  const recipe = parseObjective(objective, 'train.csv');
  const input = { open, recipe, calibration, evaluation };
  return runTrial(host, input, { progress: () => {} });
}

/** The same texts in tokens, padded, in small whole numbers. */
async function asArrays(): Promise<ExampleDataset> {
  const texts = await trainingData(open, training, 1, 64);
  const ports = inputPorts(open.model);
  const length = TINY.maxPositions;
  const rows = Array.from({ length: texts.count }, (_, k) => texts.batch(k, ports, 1));
  const all = (name: string) => rows.flatMap((row) => [...row[name].data].map(Number));
  const dims = [rows.length, length];
  return {
    ...{ kind: 'examples', name: 'train.npz', count: rows.length },
    arrays: {
      input_ids: { dataType: DataType.uint16, dims, data: Uint16Array.from(all('input_ids')) },
      attention_mask: {
        dataType: DataType.uint8,
        dims,
        data: Uint8Array.from(all('attention_mask')),
      },
    },
    labels: Int32Array.from(all('train.labels')),
  };
}

describe('training a classifier of texts', () => {
  it('learns from a table of labelled texts, and from the same as arrays', async () => {
    for (const calibration of [training, await asArrays()]) {
      const { report } = await fineTune(calibration);
      const record = report?.training?.[0];
      expect(record?.after.value).toBeLessThan((record?.before.value ?? 0) - 0.1);
      const { original, compressed } = report?.evaluation ?? {};
      expect(compressed?.accuracy?.value).toBeGreaterThan(0.85);
      expect(original?.accuracy?.value).toBeLessThan(0.7);
    }
  }, 60_000);

  it('pads every batch to the asked length, and no further than the context', async () => {
    const dims = async (length: number) => {
      const found = await trainingData(open, training, 4, length);
      const { input_ids: ids } = found.batch(0, inputPorts(open.model), 1);
      expect(found.shape).toEqual({ batch: 4, length: ids.dims[1] });
      return ids.dims;
    };
    expect(await dims(64)).toEqual([4, TINY.maxPositions]);
    expect(await dims(8)).toEqual([4, 8]);
  });

  it('refuses what it cannot learn from', async () => {
    const refused = async (name: string, text: string, sentence: string) =>
      expect(trainingData(open, data(name, text), 4, 16)).rejects.toThrow(sentence);
    await refused(
      'm.csv',
      'text,class\na,ham\nb,spam\n',
      'The data "m.csv" has no labels, so there is nothing to learn from it; give a table (.csv or .tsv) with the columns "text" and "label", or a .jsonl file with both in each line.',
    );
    await refused(
      'm.csv',
      'text,label\na,ham\nb,eggs\n',
      'Text 2 of "m.csv" has the label "eggs", but the model\'s classes are "ham", "spam"; correct the label, or write class numbers from 0 to 1.',
    );
    await refused(
      'm.csv',
      'text,label\na,ham\n',
      'The data "m.csv" gives 1 text, and at least two are needed: one to train on and one to keep aside; choose more data or shorter sequences.',
    );
    const { graph } = open.model;
    const inputs = graph.inputs.filter(({ name }) => name !== 'attention_mask');
    const maskless = { ...open, model: { ...open.model, graph: { ...graph, inputs } } };
    await expect(trainingData(maskless, training, 4, 16)).rejects.toThrow(
      'The model "tiny-mail" has no input "attention_mask", so texts of different lengths cannot be trained on: padding would change its answers; export the model with its attention mask.',
    );
    const arrays = await asArrays();
    const odd = { dataType: DataType.float32, dims: [108, 16], data: new Float32Array(108 * 16) };
    odd.data[1000] = 0.5;
    const broken = { ...arrays, arrays: { ...arrays.arrays, input_ids: odd } };
    await expect(trainingData(open, broken, 4, 16)).rejects.toThrow(
      'The array "input_ids" holds 0.5, but the model\'s input takes numbers of type int64, which cannot be 0.5; store the numbers the model was made for.',
    );
  });
});
