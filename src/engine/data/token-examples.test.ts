import { describe, expect, it } from 'vitest';
import {
  mailTable,
  tinyMailFolder,
  tinyMailModel,
  tinyMails,
  TINY,
} from '../../../test/support/tiny-mail.ts';
import { sampleModel } from '../../../test/support/sample.ts';
import { parseDataset } from '../../core/data/parse-dataset.ts';
import type { Dataset, ExampleDataset } from '../../core/data/types.ts';
import type { Model } from '../../core/onnx/types.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { evaluate } from '../../runtime/evaluate/evaluate.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { examplesFrom } from './batches.ts';
import { calibrationData } from './calibration.ts';
import { prepareEvaluation } from './evaluation.ts';

const open = await openModel(await tinyMailFolder());
const runtime = await createNodeRuntime({ threads: 1 });

function data(name: string, text: string): Dataset {
  return parseDataset({ name, bytes: new TextEncoder().encode(text) });
}

/** Mails in tokens, in the smallest types that hold them, all padded to the model's context. */
function arraysOf(mails: ReturnType<typeof tinyMails>): ExampleDataset {
  const length = TINY.maxPositions;
  const dims = [mails.length, length];
  const rows = mails.map(({ text }) => open.tokenizer?.encode(text, { addSpecial: true }) ?? []);
  const padded = (of: (row: number[], k: number) => number) =>
    rows.flatMap((row) => Array.from({ length }, (_, k) => (k < row.length ? of(row, k) : 0)));
  const ids = Uint16Array.from(padded((row, k) => row[k]));
  const mask = Uint8Array.from(padded(() => 1));
  return {
    ...{ kind: 'examples', name: 'mails.npz', count: mails.length },
    arrays: {
      input_ids: { dataType: DataType.uint16, dims, data: ids },
      attention_mask: { dataType: DataType.uint8, dims, data: mask },
    },
    labels: Int32Array.from(mails, ({ label }) => label),
  };
}

/** The model with sizes in place of its open ones. */
function withSizes(sizes: Readonly<Record<string, number>>): Model {
  const model = tinyMailModel();
  const inputs = model.graph.inputs.map((input) => ({
    ...input,
    type: input.type && {
      ...input.type,
      dims: input.type.dims?.map((dim) =>
        dim.symbol !== undefined && dim.symbol in sizes ? { value: sizes[dim.symbol] } : dim,
      ),
    },
  }));
  return { ...model, graph: { ...model.graph, inputs } };
}

async function measured(opened: OpenModel, dataset: Dataset) {
  const prepared = await prepareEvaluation(opened, dataset);
  const session = await runtime.open(opened.model);
  const found = await evaluate({ original: { session }, model: { session } }, prepared.data());
  await session.run(prepared.feeds);
  await session.run(prepared.shortFeeds);
  await session.release();
  return { ...found, protocol: prepared.protocol };
}

describe('texts for a model that takes tokens', () => {
  it('come with special tokens, cut off at the context, padded to the longest and masked', () => {
    const long = 'free '.repeat(40);
    const examples = examplesFrom(open, data('m.csv', `text,label\nlunch,ham\n${long},spam\n`));
    const { feeds, mask } = examples.batch(inputPorts(open.model), [0, 1]);
    const own = open.tokenizer?.encode('lunch') ?? [];
    const longer = open.tokenizer?.encode(long) ?? [];
    const { maxPositions } = TINY;
    const padding = new Array<number>(maxPositions - own.length - 2).fill(0);
    const ids = [1, ...own, 2, ...padding, 1, ...longer.slice(0, maxPositions - 2), 2];
    expect([...feeds['input_ids'].data].map(Number)).toEqual(ids);
    expect(feeds['input_ids'].dims).toEqual([2, maxPositions]);
    expect([...feeds['attention_mask'].data].map(Number)).toEqual(ids.map((id) => Number(id > 0)));
    expect([...(mask ?? [])]).toEqual(ids.map((id) => Number(id > 0)));
    expect([...(examples.labels ?? [])]).toEqual([0, 1]);
    const alone = examples.batch(inputPorts(open.model), [0]).feeds;
    expect(alone['input_ids'].dims).toEqual([1, own.length + 2]);
  });

  it('are measured like the same mails as arrays of small whole numbers', async () => {
    const mails = tinyMails(70);
    const texts = await measured(open, data('mails.csv', mailTable(mails)));
    const arrays = await measured(open, arraysOf(mails));
    expect(texts.compressed.accuracy).toEqual(arrays.compressed.accuracy);
    expect(texts.compressed.accuracy).toMatchObject({ n: 70 });
    expect(texts.protocol).toBe('70 texts with labels, each cut off at 16 tokens; errors by text');
    expect(arrays.protocol).toBe('70 examples with labels; errors by example');
  });

  it('keep to the sizes that the file fixes', async () => {
    const mails = tinyMails(10);
    const fixed = await openModel(await tinyMailFolder(withSizes({ batch: 4, sequence: 12 })));
    const { compressed } = await measured(fixed, data('mails.csv', mailTable(mails)));
    const free = await measured(open, data('mails.csv', mailTable(mails)));
    expect(compressed.accuracy).toEqual(free.compressed.accuracy);
    const amount = { samples: 10, length: 256 };
    const chosen = await calibrationData(fixed, data('mails.csv', mailTable(mails)), amount, 1);
    const sizes = [...chosen.batches()].map(({ feeds }) => feeds['input_ids'].dims);
    expect(sizes).toEqual([
      [4, 12],
      [4, 12],
    ]);
  });

  it('calibrate without labels: the lines of a text file, padding left out', async () => {
    const text = 'lunch tomorrow\n\nfree money now now now\nthanks\n';
    const amount = { samples: 64, length: 8 };
    const chosen = await calibrationData(open, data('c.txt', text), amount, 1);
    const [batch] = [...chosen.batches()];
    expect(batch.feeds['input_ids'].dims).toEqual([3, 8]);
    const ids = [...batch.feeds['input_ids'].data].map(Number);
    expect([...(batch.mask ?? [])]).toEqual(ids.map((id) => Number(id > 0)));
    const arrays = await calibrationData(open, arraysOf(tinyMails(5)), amount, 1);
    const [first] = [...arrays.batches()];
    expect(first.mask?.length).toBe(5 * TINY.maxPositions);
    expect([...(first.mask ?? [])]).toContain(0);
  });

  it('are refused in one sentence when they cannot be', async () => {
    const bare = await openModel(await tinyMailFolder(undefined, ['tokenizer.json']));
    const table = data('m.csv', mailTable(tinyMails(4)));
    expect(() => examplesFrom(bare, table)).toThrow(
      'The model "tiny-mail" came without a tokenizer.json, so text cannot be turned into its tokens; put the tokenizer.json that was saved with it into the same folder.',
    );
    const digits = await openModel(await sampleModel('digits'));
    expect(() => examplesFrom(digits, table)).toThrow(
      'The data "m.csv" is text, but the model "digits" takes arrays; give an .npz file with arrays named like the model\'s inputs.',
    );
    await expect(
      prepareEvaluation(open, data('m.csv', 'text,label\na,ham\nb,eggs\n')),
    ).rejects.toThrow(
      'Text 2 of "m.csv" has the label "eggs", but the model\'s classes are "ham", "spam"; correct the label, or write class numbers from 0 to 1.',
    );
    await expect(prepareEvaluation(open, data('m.csv', 'text,label\na,7\n'))).rejects.toThrow(
      'Example 1 of "m.csv" has the label 7, but the model tells 2 classes apart (0 to 1); use data whose labels are the model\'s classes.',
    );
  });
});
