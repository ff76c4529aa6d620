import { describe, expect, it } from 'vitest';
import { mailTable, tinyMailFolder, tinyMails } from '../../test/support/tiny-mail.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { openModel, type OpenModel } from '../../src/engine/model/open.ts';
import { createNodeRuntime } from '../../src/runtime/ort-node.ts';
import { dataSummary } from '../data/data-summary.ts';
import { classify, classifyText, exampleData, examplesAt } from './try-it.ts';

const mails = tinyMails(9);

async function withData(path: string, text: string): Promise<OpenModel> {
  const folder = await tinyMailFolder();
  const source = bytesSource(new TextEncoder().encode(text));
  return openModel({ ...folder, files: [...folder.files, { path, source }] });
}

const open = await withData('evaluation/mails.csv', mailTable(mails));
const runtime = await createNodeRuntime({ threads: 1 });
const session = await runtime.open(open.model);
const pair = { left: session, right: session };

describe('trying a classifier of texts', () => {
  it('answers a typed text as it answers the same text among the examples', async () => {
    const dataset = await exampleData(open);
    if (dataset === undefined) throw new Error('There is evaluation data.');
    const example = await classify(open, pair, dataset, 3);
    const typed = await classifyText(open, pair, mails[3].text);
    expect(example).toEqual({ ...typed, expected: 1 });
    expect(typed.labels).toEqual(['ham', 'spam']);
    expect(typed.original[0] + typed.original[1]).toBeCloseTo(1, 6);
    const other = await classifyText(open, pair, 'free money\nclick now');
    expect(other.original).not.toEqual(typed.original);
    await expect(classifyText(open, pair, ' \n')).rejects.toThrow(
      'There is no text; type one to see which class it is in.',
    );
  });

  it('shows examples as texts, tokens decoded', async () => {
    const dataset = await exampleData(open);
    if (dataset === undefined) throw new Error('There is evaluation data.');
    for (const { index, text, label } of examplesAt(open, dataset, [7, 0, 3, 99])) {
      expect([text, label]).toEqual([mails[index].text, index % 2 === 0 ? 'ham' : 'spam']);
    }
    const rows = mails.map(({ text }) => ({
      input_ids: [...(open.tokenizer?.encode(text, { addSpecial: true }) ?? []), 0, 0, 0].slice(
        0,
        4,
      ),
      attention_mask: [1, 1, 1, 1],
    }));
    const lines = rows.map((row) => JSON.stringify(row)).join('\n');
    const arrays = await withData('evaluation.jsonl', lines);
    const tokens = await exampleData(arrays);
    if (tokens === undefined) throw new Error('There is evaluation data.');
    for (const { index, text } of examplesAt(arrays, tokens, [0, 5, 8])) {
      expect(text).not.toBe('');
      expect(mails[index].text.startsWith(text ?? '-')).toBe(true);
    }
  });
});

describe('the summary of data', () => {
  it('counts texts, tokens and classes, or says why the data cannot be used', async () => {
    expect(await dataSummary(open, 'evaluation')).toMatchObject({
      name: 'mails.csv',
      summary: expect.stringMatching(/^9 texts, \d+ tokens, 2 classes: 5 ham, 4 spam$/) as string,
    });
    const bare = await withData('calibration.txt', 'lunch\nfree\n');
    expect((await dataSummary(bare, 'calibration'))?.summary).toMatch(/, no labels$/);
    const odd = await withData('calibration.csv', 'text,label\na,eggs\n');
    expect(await dataSummary(odd, 'calibration')).toMatchObject({
      summary: '1 text',
      problem:
        'Text 1 of "calibration.csv" has the label "eggs", but the model\'s classes are "ham", "spam"; correct the label, or write class numbers from 0 to 1.',
    });
  });
});
