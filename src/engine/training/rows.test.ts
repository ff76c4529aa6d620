import { describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../../test/support/sample.ts';
import { tinyMailFolder, tinyMails } from '../../../test/support/tiny-mail.ts';
import { parseDataset } from '../../core/data/parse-dataset.ts';
import type { Dataset } from '../../core/data/types.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import { encodeWithin } from '../../core/text/encode-within.ts';
import { languageFeeds } from '../../runtime/feeds.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { tokenizerFor } from '../data/tokenizer-for.ts';
import { openModel } from '../model/open.ts';
import { runTrial } from '../run-trial.ts';
import { trainingData } from './training-data.ts';

const stories = await openModel(await sampleModel('stories'));
const runtime = await createNodeRuntime({ threads: 1 });
const host = { ...testHost(), runtime: () => Promise.resolve(runtime) };

function file(name: string, lines: readonly unknown[]): Dataset {
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  return parseDataset({ name, bytes: new TextEncoder().encode(text) });
}

const rows = [
  [1, 403, 407, 261, 378, 432, 395],
  [1, 410, 411, 266],
  [1, 331, 300],
  [1, 403, 292, 418, 269, 401],
];
const dataset = file(
  'rows.jsonl',
  rows.map((ids) => ({ input_ids: ids })),
);

describe('training a language model on rows of tokens', () => {
  it('cuts them into pieces, pads these, and gives padding no label', async () => {
    const data = await trainingData(stories, dataset, 1, 4);
    // Seven tokens make two pieces, six make two: six in all, one of them kept aside.
    expect([data.count, data.heldOut]).toEqual([5, 1]);
    const ports = inputPorts(stories.model);
    const seen = Array.from({ length: 5 }, (_, k) => {
      const feeds = data.batch(k, ports, 1);
      return [feeds['input_ids'], feeds['train.labels']].map(({ data: own }) =>
        [...own].map(Number),
      );
    });
    expect(seen.sort(([a], [b]) => a.join().localeCompare(b.join()))).toEqual(
      [
        [
          [1, 403, 407, 261],
          [403, 407, 261, 378],
        ],
        [
          [378, 432, 0, 0],
          [432, 395, -100, -100],
        ],
        [
          [1, 410, 411, 0],
          [410, 411, 266, -100],
        ],
        [
          [1, 331, 0, 0],
          [331, 300, -100, -100],
        ],
        [
          [1, 403, 292, 418],
          [403, 292, 418, 269],
        ],
      ].sort(([a], [b]) => a.join().localeCompare(b.join())),
    );
    const [held] = data.validation(ports);
    expect([...held.feeds['train.labels'].data].map(Number)).toEqual([401, -100, -100, -100]);
  });

  it('learns what a row alone would teach: padding changes no loss', async () => {
    const many = Array.from({ length: 20 }, (_, k) => rows[k % 3]);
    const objective = {
      version: 1,
      method: 'fine-tune',
      length: 16,
      options: { steps: 2, batchSize: 2, learningRate: 0.001, validateEvery: 2 },
    };
    const recipe = parseObjective(objective, 'rows.jsonl');
    const calibration = file(
      'rows.jsonl',
      many.map((ids) => ({ input_ids: ids })),
    );
    const trial = await runTrial(
      host,
      { open: stories, recipe, calibration },
      { progress: () => {} },
    );
    const record = trial.report?.training?.[0];
    // A tenth is kept aside, two rows: the loss before training is theirs, each run without padding.
    const session = await runtime.open(stories.model);
    let [total, count] = [0, 0];
    for (const ids of many.slice(-2)) {
      const { logits } = await session.run(languageFeeds(session.inputs, { windows: [ids] }));
      total += likelihood(logits.data as Float32Array, ids);
      count += ids.length - 1;
    }
    await session.release();
    expect(record?.before.value).toBeCloseTo(total / count, 4);
    expect(record?.after.value).not.toBe(record?.before.value);
  }, 60_000);

  it('is refused where there is nothing to predict, or the context is too short', async () => {
    const single = file('single.jsonl', [{ input_ids: [4] }, { input_ids: [5] }]);
    await expect(trainingData(stories, single, 1, 4)).rejects.toThrow(
      'The rows of "single.jsonl" hold one token each, so there is no next token to learn; give rows of at least two.',
    );
    await expect(trainingData(stories, dataset, 1, 4096)).rejects.toMatchObject({
      code: 'training-length',
    });
  });
});

/** Σ −ln p of every token but the first, in float64. */
function likelihood(logits: Float32Array, ids: readonly number[]): number {
  const classes = logits.length / ids.length;
  return ids.slice(1).reduce((sum, id, t) => {
    const row = logits.subarray(t * classes, (t + 1) * classes);
    const total = row.reduce((all, score) => all + Math.exp(score - row[id]), 0);
    return sum + Math.log(total);
  }, 0);
}

describe('training a classifier on rows of tokens', () => {
  it('pads all to the longest, and asks for a mask', async () => {
    const mail = await openModel(await tinyMailFolder());
    const tokenizer = tokenizerFor(mail);
    const lines = tinyMails(20).map(({ text, label }) => ({
      ...{ input_ids: [...encodeWithin(tokenizer, text, 16)], label },
    }));
    const ragged = file('mails.jsonl', lines);
    const data = await trainingData(mail, ragged, 4, 64);
    const longest = Math.max(...lines.map((line) => line.input_ids.length));
    expect(data.shape).toMatchObject({ batch: 4, length: longest });
    const feeds = data.batch(0, inputPorts(mail.model), 1);
    expect(feeds['input_ids'].dims).toEqual([4, longest]);
    const real = [...feeds['attention_mask'].data].map(Number);
    expect(real).toEqual([...feeds['input_ids'].data].map((id) => Number(Number(id) > 0)));
    const { graph } = mail.model;
    const inputs = graph.inputs.filter(({ name }) => name !== 'attention_mask');
    const maskless = { ...mail, model: { ...mail.model, graph: { ...graph, inputs } } };
    await expect(trainingData(maskless, ragged, 4, 64)).rejects.toMatchObject({
      code: 'training-mask',
    });
  });
});
