import { describe, expect, it } from 'vitest';
import { testHost } from '../../../test/support/sample.ts';
import { taggedLines, taggerFolder } from '../../../test/support/tiny-tagger.ts';
import { parseDataset } from '../../core/data/parse-dataset.ts';
import type { Dataset, ExampleDataset } from '../../core/data/types.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { openModel } from '../model/open.ts';
import { runTrial } from '../run-trial.ts';
import { trainingData } from './training-data.ts';

const open = await openModel(await taggerFolder());
const host = { ...testHost(), runtime: () => createNodeRuntime({ threads: 1 }) };

const lines = (text: string): Dataset =>
  parseDataset({ name: 'tags.jsonl', bytes: new TextEncoder().encode(text) });

const training = lines(taggedLines(120, 1));
const evaluation = lines(taggedLines(60, 2));

function train(method: string, options: object, calibration: Dataset = training) {
  const objective = { version: 1, method, length: 8, options };
  const recipe = parseObjective(objective, 'tags.jsonl');
  return runTrial(host, { open, recipe, calibration, evaluation }, { progress: () => {} });
}

describe('training a token classifier', () => {
  it('is one by its data and its configuration', () => {
    expect(open.task).toBe('token-classifier');
    expect(training).toMatchObject({ count: 120, ragged: { names: ['input_ids', 'labels'] } });
  });

  it.each([
    ['fine-tune', { steps: 120, batchSize: 8, learningRate: 0.02, validateEvery: 30 }],
    ['lora', { rank: 4, steps: 150, batchSize: 8, learningRate: 0.03, validateEvery: 50 }],
  ])(
    'learns the class of every token: %s',
    async (method, options) => {
      const { report } = await train(method, options);
      const record = report?.training?.[0];
      expect(record?.after.value).toBeLessThan((record?.before.value ?? 0) / 2);
      const { original, compressed, difference } = report?.evaluation ?? {};
      expect(original?.accuracy?.value).toBeLessThan(0.6);
      expect(compressed?.accuracy?.value).toBeGreaterThan(0.85);
      expect(compressed?.spanF1?.value).toBeGreaterThan(original?.spanF1?.value ?? 1);
      expect(difference?.spanF1?.value).toBeCloseTo(
        (compressed?.spanF1?.value ?? 0) - (original?.spanF1?.value ?? 0),
        10,
      );
    },
    60_000,
  );

  it('pads labels as it pads tokens, and gives padding none', async () => {
    const found = await trainingData(open, training, 4, 8);
    const { input_ids: ids, 'train.labels': labels } = found.batch(0, inputPorts(open.model), 1);
    expect(labels.dims).toEqual(ids.dims);
    const mask = found.batch(0, inputPorts(open.model), 1)['attention_mask'];
    Array.from(labels.data, Number).forEach((label, at) => {
      const counts = Number(mask.data[at]) === 1 && at % ids.dims[1] !== 0;
      expect(label).toBe(counts ? Number(ids.data[at]) % 3 : -100);
    });
    expect(found.labelsPerBatch).toBe(4 * ids.dims[1]);
  });

  it('refuses labels of examples, and classes the model has not', async () => {
    const { positionLabels, ...rest } = training as ExampleDataset;
    expect(positionLabels).toBeDefined();
    await expect(trainingData(open, rest, 4, 8)).rejects.toThrow(
      'The data "tags.jsonl" has no labels, and the model tells a class at every position; give an array "labels" with a class number for each position of each example, −100 where there is none.',
    );
    const each = { ...rest, labels: new Int32Array(rest.count) };
    await expect(trainingData(open, each, 4, 8)).rejects.toThrow('has one label per example, and');
    const found = await trainingData(open, training, 4, 8);
    expect(() => found.checkClasses(2)).toThrow(
      'The data "tags.jsonl" has the label 2, and the model scores only the classes 0 to 1; correct the labels or choose the model they belong to.',
    );
  });
});
