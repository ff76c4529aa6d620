import { afterAll, describe, expect, it } from 'vitest';
import { sampleModel } from '../../../test/support/sample.ts';
import { mailTable, tinyMailFolder, tinyMails } from '../../../test/support/tiny-mail.ts';
import { parseDataset } from '../../core/data/parse-dataset.ts';
import type { Dataset } from '../../core/data/types.ts';
import { encodeWithin } from '../../core/text/encode-within.ts';
import { evaluate } from '../../runtime/evaluate/evaluate.ts';
import { languageFeeds } from '../../runtime/feeds.ts';
import { createWasmRuntime } from '../../runtime/ort-wasm.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { examplesFrom } from './batches.ts';
import { calibrationData } from './calibration.ts';
import { prepareEvaluation } from './evaluation.ts';
import { tokenizerFor } from './tokenizer-for.ts';

const runtime = await createWasmRuntime({ threads: 1 });
const stories = await openModel(await sampleModel('stories'));
const mail = await openModel(await tinyMailFolder());
const [writer, sorter] = [await runtime.open(stories.model), await runtime.open(mail.model)];
afterAll(async () => {
  await writer.release();
  await sorter.release();
});

function file(name: string, lines: readonly unknown[]): Dataset {
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  return parseDataset({ name, bytes: new TextEncoder().encode(text) });
}

async function measured(open: OpenModel, dataset: Dataset) {
  const prepared = await prepareEvaluation(open, dataset);
  const session = open === stories ? writer : sorter;
  const found = await evaluate({ model: { session } }, prepared.data());
  await session.run(prepared.feeds);
  await session.run(prepared.shortFeeds);
  return { ...found, protocol: prepared.protocol };
}

const TEXTS = [
  'Once upon a time there was a little dog.',
  'Tom had a ball. He liked it.',
  'The sun was hot and the cat slept under the big tree all day long.',
];
const tokenizer = tokenizerFor(stories);
const rows = TEXTS.map((text) => [tokenizer.bos ?? 0, ...tokenizer.encode(text)]);
const asRows = file(
  'rows.jsonl',
  rows.map((ids) => ({ input_ids: ids })),
);

describe('rows of tokens for a language model', () => {
  it('are documents: what their texts score, and what each row scores alone', async () => {
    expect(new Set(rows.map(({ length }) => length)).size).toBe(3);
    const found = await measured(stories, asRows);
    const texts = file(
      'texts.jsonl',
      TEXTS.map((text) => ({ text })),
    );
    const wanted = await measured(stories, texts);
    expect(found.compressed).toEqual(wanted.compressed);
    const tokens = rows.reduce((sum, ids) => sum + ids.length - 1, 0);
    expect(found.n).toBe(tokens);
    expect(found.protocol).toBe(
      `3 rows of tokens, each cut off at 512; ${tokens} tokens scored; errors by row`,
    );
    let total = 0;
    for (const ids of rows) {
      const { logits } = await writer.run(languageFeeds(writer.inputs, { windows: [ids] }));
      total += likelihood(logits.data as Float32Array, ids);
    }
    expect(found.compressed.perplexity?.value).toBeCloseTo(Math.exp(total / tokens), 4);
  });

  it('end where the mask says so, and rows of equal length are documents too', async () => {
    const longest = Math.max(...rows.map(({ length }) => length));
    const padded = rows.map((ids) => ({
      input_ids: [...ids, ...new Array<number>(longest - ids.length).fill(0)],
      attention_mask: Array.from({ length: longest }, (_, i) => Number(i < ids.length)),
    }));
    const found = await measured(stories, file('padded.jsonl', padded));
    expect(found.compressed).toEqual((await measured(stories, asRows)).compressed);
    const equal = rows.map((ids) => ({ input_ids: ids.slice(0, 8) }));
    expect((await measured(stories, file('equal.jsonl', equal))).n).toBe(21);
  });

  it('calibrate padded and masked, in the seeded order of their windows', async () => {
    const amount = { samples: 2, length: 6 };
    const chosen = await calibrationData(stories, asRows, amount, 1);
    const batches = [...chosen.batches()];
    expect(batches.map(({ feeds }) => feeds['input_ids'].dims)).toEqual([[2, 6]]);
    const whole = await calibrationData(stories, asRows, { samples: 3, length: 256 }, 1);
    const [batch] = [...whole.batches()];
    const sizes = rows.map(({ length }) => length).sort((a, b) => a - b);
    const [count, width] = batch.feeds['input_ids'].dims;
    const real = Array.from({ length: count }, (_, row) =>
      Array.from(batch.mask ?? [])
        .slice(row * width, (row + 1) * width)
        .reduce((sum, bit) => sum + bit, 0),
    );
    expect([...real].sort((a, b) => a - b)).toEqual(sizes);
  });

  it('are refused when no row has a next token', async () => {
    const single = file('single.jsonl', [{ input_ids: [4] }, { input_ids: [5] }]);
    await expect(prepareEvaluation(stories, single)).rejects.toThrow(
      'The text "single.jsonl" gives at most 1 tokens in one piece where at least 2 are needed; choose a longer text or a shorter length.',
    );
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

const mails = tinyMails(40);
const mailTokenizer = tokenizerFor(mail);
const mailRows = mails.map(({ text, label }) => ({
  input_ids: [...encodeWithin(mailTokenizer, text, 16)],
  label,
}));
const asMailRows = file('mails.jsonl', mailRows);
const table = parseDataset({
  name: 'mails.csv',
  bytes: new TextEncoder().encode(mailTable(mails)),
});

describe('rows of tokens for a classifier', () => {
  it('are fed like their texts: padded to the longest of a batch and masked', () => {
    const ports = inputPorts(mail.model);
    const [own, texts] = [examplesFrom(mail, asMailRows), examplesFrom(mail, table)];
    for (const indices of [[0, 1, 2, 3], [7], [9, 4]]) {
      expect(own.batch(ports, indices)).toEqual(texts.batch(ports, indices));
    }
    expect(own.short(ports, [0, 5])).toEqual(texts.short(ports, [0, 5]));
    expect([...(own.labels ?? [])]).toEqual([...(texts.labels ?? [])]);
  });

  it('score in a batch what each scores alone', async () => {
    const { compressed, protocol } = await measured(mail, asMailRows);
    expect(compressed).toEqual((await measured(mail, table)).compressed);
    expect(protocol).toBe('40 examples with labels, of up to 14 tokens; errors by example');
    const ports = inputPorts(mail.model);
    const examples = examplesFrom(mail, asMailRows);
    const all = Array.from({ length: 40 }, (_, i) => i);
    const [output] = sorter.outputs.map(({ name }) => name);
    const scores = async (indices: readonly number[]) => [
      ...((await sorter.run(examples.batch(ports, indices).feeds))[output].data as Float32Array),
    ];
    const together = await scores(all);
    for (const index of all) {
      const alone = await scores([index]);
      alone.forEach((score, c) => expect(together[2 * index + c]).toBeCloseTo(score, 5));
    }
  });

  it('keep the lists that come with them, as far as the rows go', () => {
    const given = mailRows.map(({ input_ids: ids, label }) => ({
      ...{ input_ids: ids, label },
      attention_mask: ids.map((_, i) => Number(i !== 1)),
    }));
    const examples = examplesFrom(mail, file('masked.jsonl', given));
    const { feeds, mask } = examples.batch(inputPorts(mail.model), [0, 1]);
    const width = feeds['input_ids'].dims[1];
    const wanted = given
      .slice(0, 2)
      .flatMap(({ attention_mask: own }) => Array.from({ length: width }, (_, i) => own[i] ?? 0));
    expect([...feeds['attention_mask'].data].map(Number)).toEqual(wanted);
    expect([...(mask ?? [])]).toEqual(wanted);
  });

  it('calibrate with their padding left out', async () => {
    const chosen = await calibrationData(mail, asMailRows, { samples: 64, length: 256 }, 1);
    const counted = [...chosen.batches()].reduce(
      (sum, { mask }) => sum + Array.from(mask ?? []).reduce((all, bit) => all + bit, 0),
      0,
    );
    expect(counted).toBe(mailRows.reduce((sum, row) => sum + row.input_ids.length, 0));
  });

  it('run one by one where the model has no mask to leave padding out', () => {
    const { graph } = mail.model;
    const inputs = graph.inputs.filter(({ name }) => name !== 'attention_mask');
    const maskless = { ...mail, model: { ...mail.model, graph: { ...graph, inputs } } };
    expect(examplesFrom(maskless, asMailRows).together).toBe(1);
  });

  it('are refused where the model takes no such tokens', () => {
    const odd = file('odd.jsonl', [{ words: [1, 2] }, { words: [3] }]);
    expect(() => examplesFrom(mail, odd)).toThrow(
      'The lines of "odd.jsonl" differ in the length of "words", but no input of the model takes these as tokens, so they cannot be padded; make them equally long, or name them like the input that takes tokens.',
    );
  });
});

describe('rows of equal length', () => {
  it('are hashed as ever', async () => {
    const lines = Array.from({ length: 6 }, (_, i) => ({
      ...{ input_ids: [1, 5 + i, 9, 7 * i + 3, 2], attention_mask: [1, 1, 1, 1, i % 2] },
      label: i % 2,
    }));
    const rows = file('rows.jsonl', lines);
    // As of the version before rows could differ.
    const { sha256 } = await calibrationData(mail, rows, { samples: 4, length: 256 }, 3);
    expect(sha256).toBe('72101efb9185f63a4edceba393eece31c5198d74059146698f6ec19f2a570ff0');
    expect((await prepareEvaluation(mail, rows)).sha256).toBe(
      'a917f659477488116ce7a33eb7fb88837db6c32474462819689ad2d0019fddbb',
    );
    const ids = file(
      'lm.jsonl',
      [0, 1, 2, 3].map((i) => ({ input_ids: [1, 2 + i, 3, 4 + i] })),
    );
    const amount = { samples: 3, length: 256 };
    expect((await calibrationData(stories, ids, amount, 3)).sha256).toBe(
      '6131baab7ebdf4bf3fde6ac7d9531e23aa467de2ce1543b76a87d130c471a2b1',
    );
  });
});
