import { describe, expect, it } from 'vitest';
import { LatheError } from '../errors/lathe-error.ts';
import { seededRandom } from '../random/seeded.ts';
import { DataType } from '../tensor/data-type.ts';
import { overlap } from './overlap.ts';
import { parseDataset } from './parse-dataset.ts';
import { formatText } from './text-file.ts';
import type { Dataset, TextDataset } from './types.ts';

function file(name: string, text: string) {
  return { name, bytes: new TextEncoder().encode(text) };
}

describe('.txt', () => {
  it('is one document unless <|endoftext|> lines separate several', () => {
    const one = parseDataset(file('a.txt', '\n  one\r\n\r\nstill one\n\n'));
    expect(one).toMatchObject({ kind: 'text', documents: ['  one\n\nstill one'] });
    const text = 'first\nstory\n<|endoftext|>\n\n<|endoftext|>\nsecond <|endoftext|> inside\n';
    const two = parseDataset(file('a.txt', text));
    expect(two).toMatchObject({ documents: ['first\nstory', 'second <|endoftext|> inside'] });
  });

  it('is read back as it was written', () => {
    const documents = ['a\n\nb', 'c'];
    expect(parseDataset(file('a.txt', formatText(documents)))).toMatchObject({ documents });
  });

  it('says what is wrong', () => {
    expect(() => parseDataset(file('a.txt', ' \n<|endoftext|>\n'))).toThrow(
      'The data "a.txt" is empty; choose a file with contents.',
    );
    expect(() => parseDataset({ name: 'a.txt', bytes: Uint8Array.of(0xff, 0xfe) })).toThrow(
      'The file "a.txt" is not UTF-8 text, so it cannot be read as such; save it as UTF-8.',
    );
  });

  it('trims megabytes of blanks, where quadratic work would take hours', () => {
    const text = `a${' '.repeat(3e6)}b`;
    const long = file('a.txt', `${text}${'\n '.repeat(1e6)}`);
    expect(parseDataset(long)).toMatchObject({ documents: [text] });
  });
});

describe('.jsonl', () => {
  it('reads texts with labels', () => {
    const text = '{"text": "good", "label": 1}\n\n{"text": "bad", "label": 0}\n';
    expect(parseDataset(file('a.jsonl', text))).toEqual({
      kind: 'text',
      name: 'a.jsonl',
      documents: ['good', 'bad'],
      labels: Int32Array.of(1, 0),
    });
    const named = '{"text": "good", "label": "ham"}\n{"text": "bad", "label": 1}';
    expect(parseDataset(file('a.jsonl', named))).toMatchObject({ writtenLabels: ['ham', '1'] });
  });

  it('reads named arrays, whole numbers as int64 and others as float32', () => {
    const text =
      '{"ids": [1, 2], "x": [[0.5], [1]], "label": 3}\n{"ids": [3, 4], "x": [[2], [3]], "label": 0}';
    expect(parseDataset(file('a.jsonl', text))).toMatchObject({
      kind: 'examples',
      count: 2,
      labels: Int32Array.of(3, 0),
      arrays: {
        ids: { dataType: DataType.int64, dims: [2, 2], data: BigInt64Array.of(1n, 2n, 3n, 4n) },
        x: { dataType: DataType.float32, dims: [2, 2, 1], data: Float32Array.of(0.5, 1, 2, 3) },
      },
    });
  });

  it('takes lists of tokens of different lengths, filled up at the end', () => {
    const text =
      '{"ids": [7, 8], "kind": [1, 1], "x": [0.5], "label": 1}\n{"ids": [9, 4, 5], "kind": [1, 0, 1], "x": [2], "label": 0}\n';
    expect(parseDataset(file('a.jsonl', text))).toEqual({
      ...{ kind: 'examples', name: 'a.jsonl', count: 2, labels: Int32Array.of(1, 0) },
      arrays: {
        ids: {
          dataType: DataType.int64,
          dims: [2, 3],
          data: BigInt64Array.of(7n, 8n, 0n, 9n, 4n, 5n),
        },
        kind: {
          dataType: DataType.int64,
          dims: [2, 3],
          data: BigInt64Array.of(1n, 1n, 0n, 1n, 0n, 1n),
        },
        x: { dataType: DataType.float32, dims: [2, 1], data: Float32Array.of(0.5, 2) },
      },
      ragged: { names: ['ids', 'kind'], lengths: Int32Array.of(2, 3) },
    });
    const equal = parseDataset(file('a.jsonl', '{"ids": [7, 8]}\n{"ids": [9, 4]}\n'));
    expect(equal).not.toHaveProperty('ragged');
  });

  it.each([
    [
      '{"text": "a"}\n{"text": ',
      'Line 2 of "a.jsonl" is not valid JSON; write one JSON object on each line.',
    ],
    [
      '{"text": "a"}\n[1]',
      'Line 2 of "a.jsonl" is not a JSON object; write one JSON object on each line.',
    ],
    [
      '{"text": "a"}\n\n{"txt": "b"}',
      'Line 3 of "a.jsonl" has no usable "text"; give each line a string "text" and, if any, a "label", a class number from 0 or a class name.',
    ],
    [
      '{"text": "a", "label": -1}',
      'Line 1 of "a.jsonl" has no usable "label"; give each line a string "text" and, if any, a "label", a class number from 0 or a class name.',
    ],
    [
      '{"text": "a", "label": 1}\n{"text": "b"}',
      'Line 2 of "a.jsonl" has no "label" while others have; label all lines or none.',
    ],
    [
      '{"text": "a"}\n{"text": "b", "label": 1}',
      'Line 2 of "a.jsonl" has a "label" while others have not; label all lines or none.',
    ],
    [
      '{"x": [0.5, 2]}\n{"x": [1]}',
      'Line 2 of "a.jsonl" has no array of numbers "x" of shape [2] like the first line; give every line the same arrays.',
    ],
    [
      '{"x": [[1, 2]]}\n{"x": [[1]]}',
      'Line 2 of "a.jsonl" has no array of numbers "x" of shape [1, 2] like the first line; give every line the same arrays.',
    ],
    [
      '{"x": [1, 2], "y": [1, 1]}\n{"x": [1], "y": [1]}\n{"x": [1], "y": [1, 1, 1]}',
      'Line 3 of "a.jsonl" has 1 numbers in "x" and 3 in "y"; make all lists of a line equally long.',
    ],
    ['\n', 'The data "a.jsonl" is empty; choose a file with contents.'],
  ])('refuses %j', (text, sentence) => {
    expect(() => parseDataset(file('a.jsonl', text))).toThrow(sentence);
  });

  it('answers 2000 mutated files with a dataset or a sentence', () => {
    const random = seededRandom(5);
    const good = '{"ids": [[1, 2], [3, 4]], "label": 1}\n{"ids": [[1, 2], [3, 4]], "label": 0}\n';
    const alphabet = '[]{}",:0123456789.-e\n tx';
    for (let round = 0; round < 2000; round++) {
      const text = [...good];
      for (let n = 0; n < 3; n++) {
        const letter = alphabet[Math.floor(random.next() * alphabet.length)];
        text[Math.floor(random.next() * text.length)] = letter;
      }
      try {
        parseDataset(file('a.jsonl', text.join('')));
      } catch (error) {
        if (!(error instanceof LatheError)) throw error;
      }
    }
  });
});

describe('overlap', () => {
  it('finds a row of tokens again, however far it is filled up in either file', () => {
    const [a, b] = ['{"ids": [7, 8]}\n{"ids": [1, 2, 3]}', '{"ids": [9]}\n{"ids": [7, 8]}'].map(
      (text, i) => parseDataset(file(`${i}.jsonl`, text)),
    );
    expect(overlap(a, b)).toMatchObject({ shared: 1, total: 2, unit: 'examples' });
    const zeros = parseDataset(file('z.jsonl', '{"ids": [7, 8, 0]}\n{"ids": [1]}'));
    expect(overlap(a, zeros).shared).toBe(0);
  });

  const words = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `word${from + i}`).join(' ');
  const texts = (name: string, ...documents: string[]): TextDataset => ({
    kind: 'text',
    name,
    documents,
  });
  const rows = (name: string, ...values: number[]): Dataset => ({
    kind: 'examples',
    name,
    arrays: {
      x: {
        dataType: DataType.float32,
        dims: [values.length / 2, 2],
        data: Float32Array.from(values),
      },
    },
    count: values.length / 2,
  });

  it('counts shared runs of 13 words, whatever the case and punctuation', () => {
    const calibration = texts('c.txt', words(0, 40));
    const evaluation = texts(
      'e.txt',
      `${words(100, 60)} ${words(10, 20).toUpperCase().replaceAll(' ', ', ')}`,
    );
    expect(overlap(calibration, evaluation)).toEqual({
      shared: 8,
      total: 68,
      unit: 'passages',
      sentence:
        '12 % of the evaluation text "e.txt" is also in the calibration text "c.txt", so its scores would look better than they are; use texts that share nothing.',
    });
  });

  it('lets stock phrases pass and counts a short document as one run', () => {
    const calibration = texts('c.txt', words(0, 20), 'short one');
    const evaluation = texts('e.txt', `${words(0, 13)} ${words(100, 900)}`);
    expect(overlap(calibration, evaluation)).toMatchObject({ shared: 1, sentence: undefined });
    expect(overlap(calibration, texts('e.txt', 'Short one!'))).toMatchObject({
      shared: 1,
      total: 1,
    });
  });

  it('finds identical examples', () => {
    const found = overlap(rows('c.npz', 1, 2, 3, 4, 5, 6), rows('e.npz', 3, 4, 4, 3));
    expect(found).toEqual({
      shared: 1,
      total: 2,
      unit: 'examples',
      sentence:
        '1 of the 2 evaluation examples in "e.npz" is also in the calibration data "c.npz", so the scores would look better than they are; take them out of one of the two.',
    });
    expect(overlap(rows('c.npz', 1, 2), rows('e.npz', 2, 1)).sentence).toBeUndefined();
    expect(overlap(rows('c.npz', 1, 2), texts('e.txt', 'a')).shared).toBe(0);
  });
});
