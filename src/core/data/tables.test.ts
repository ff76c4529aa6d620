import { describe, expect, it } from 'vitest';
import { LatheError } from '../errors/lathe-error.ts';
import { seededRandom } from '../random/seeded.ts';
import { numberClasses } from './labels.ts';
import { parseDataset } from './parse-dataset.ts';
import type { TextDataset } from './types.ts';

function parsed(name: string, text: string): TextDataset {
  const dataset = parseDataset({ name, bytes: new TextEncoder().encode(text) });
  if (dataset.kind !== 'text') throw new Error('A table holds texts.');
  return dataset;
}

describe('.csv', () => {
  it('reads texts and labels, whatever the order of the columns, quotes, and line ends', () => {
    const text =
      '\ufeffid,Label,Text\r\n1,ham,"Lunch, ""today""?\r\nCall me"\r\n\r\n2,spam,Win now!\r\n3,1,';
    expect(parsed('m.csv', text)).toEqual({
      kind: 'text',
      name: 'm.csv',
      documents: ['Lunch, "today"?\nCall me', 'Win now!', ''],
      writtenLabels: ['ham', 'spam', '1'],
    });
  });

  it('reads tables of spreadsheets that separate by semicolons, and texts without labels', () => {
    expect(parsed('m.csv', 'text;label\n"a; b, c";0\n')).toMatchObject({
      documents: ['a; b, c'],
      writtenLabels: ['0'],
    });
    expect(parsed('m.csv', 'text\none\n"two"\n')).toEqual({
      kind: 'text',
      name: 'm.csv',
      documents: ['one', 'two'],
    });
  });

  it.each([
    [
      'message,class\nhi,0',
      'The first line of "m.csv" names the columns "message", "class" and none of them "text"; call the column of the texts "text" and the one of their classes "label".',
    ],
    [
      'text,label\n"a\nb",0\nhi, you,0',
      'Line 4 of "m.csv" has 3 columns where the first line names 2; put texts that hold the separator in quotes.',
    ],
    [
      'text,label\n"a" b,0',
      'Line 2 of "m.csv" goes on behind a closing quote; put texts that hold quotes in quotes, and write the inner ones twice.',
    ],
    [
      'text,label\nx,0\n"a,0',
      'Line 3 of "m.csv" opens a quote that never closes; put texts that hold quotes in quotes, and write the inner ones twice.',
    ],
    [
      'text,label\na,0\nb,',
      'Line 3 of "m.csv" has no "label" while others have; label all lines or none.',
    ],
    ['text,label\n\n', 'The data "m.csv" is empty; choose a file with contents.'],
    ['', 'The data "m.csv" is empty; choose a file with contents.'],
  ])('refuses %j', (text, sentence) => {
    expect(() => parsed('m.csv', text)).toThrow(sentence);
  });

  it('answers 2000 mutated files, and a long hostile one, with a dataset or a sentence', () => {
    const random = seededRandom(5);
    const alphabet = '",;\n\t x\r\0';
    const answer = (text: string) => {
      try {
        parsed('m.csv', text);
      } catch (error) {
        if (!(error instanceof LatheError)) throw error;
      }
    };
    for (let round = 0; round < 2000; round++) {
      const text = [...'text,label\n"a ""b"" c",0\nd,1\n'];
      for (let n = 0; n < 3; n++) {
        text[Math.floor(random.next() * text.length)] = alphabet[Math.floor(random.next() * 9)];
      }
      answer(text.join(''));
    }
    // So long that quadratic work would not end: 10¹² steps each.
    for (const piece of ['"', '""', ',', '\n', '",', 'a"']) answer('text,\n' + piece.repeat(1e6));
  });
});

describe('.tsv', () => {
  it('takes quotes as letters unless they stand around a whole field', () => {
    const text = 'text\tlabel\n"Hi" he said\t1\n"a ""b"""\t0\n"\t0\n';
    expect(parsed('m.tsv', text)).toMatchObject({
      documents: ['"Hi" he said', 'a "b"', '"'],
      writtenLabels: ['1', '0', '0'],
    });
  });
});

describe('class numbers of written labels', () => {
  const texts = (...writtenLabels: string[]): TextDataset => ({
    kind: 'text',
    name: 'm.csv',
    documents: writtenLabels.map(() => 'x'),
    writtenLabels,
  });

  it('are looked up by name, else taken as numbers', () => {
    const labels = (written: string[], classes?: string[]) => [
      ...(numberClasses(texts(...written), classes).labels ?? []),
    ];
    expect(labels(['spam', 'Ham '], ['ham', 'spam'])).toEqual([1, 0]);
    expect(labels(['spam', '0'], ['ham', 'spam'])).toEqual([1, 0]);
    expect(labels(['1', '0.0', '1'], ['ham', 'spam'])).toEqual([1, 0, 1]);
    expect(labels(['1', '5'], ['1', '2', '3', '4', '5'])).toEqual([0, 4]);
    expect(labels(['2', '0'])).toEqual([2, 0]);
    const plain = texts();
    expect(numberClasses({ ...plain, writtenLabels: undefined })).toEqual({
      ...plain,
      writtenLabels: undefined,
    });
  });

  it('that are none are named', () => {
    expect(() => numberClasses(texts('ham', 'maybe'), ['ham', 'spam'])).toThrow(
      'Text 2 of "m.csv" has the label "maybe", but the model\'s classes are "ham", "spam"; correct the label, or write class numbers from 0 to 1.',
    );
    expect(() => numberClasses(texts('ham'))).toThrow(
      'Text 1 of "m.csv" has the label "ham", and the model came without names for its classes (id2label in config.json); write class numbers from 0.',
    );
  });
});
