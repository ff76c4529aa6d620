import { describe, expect, it } from 'vitest';
import { parseDataset } from './parse-dataset.ts';

const parse = (name: string, text: string) =>
  parseDataset({ name, bytes: new TextEncoder().encode(text) });

const TWO = {
  kind: 'pairs',
  sources: ['a house', 'two houses'],
  targets: ['une maison', 'deux maisons'],
};

describe('pairs of texts', () => {
  it.each([
    ['bare.tsv', 'a house\tune maison\ntwo houses\tdeux maisons\n'],
    ['named.tsv', 'source\ttarget\na house\tune maison\ntwo houses\tdeux maisons\n'],
    ['more.tsv', 'id\ttarget\tsource\n1\tune maison\ta house\n2\tdeux maisons\ttwo houses\n'],
    ['languages.tsv', 'en\tfr\na house\tune maison\ntwo houses\tdeux maisons\n'],
    ['quoted.csv', 'input,output\n"a house",une maison\ntwo houses,"deux maisons"\n'],
    [
      'named.jsonl',
      '{"source":"a house","target":"une maison"}\n{"source":"two houses","target":"deux maisons"}\n',
    ],
    [
      'other.jsonl',
      '{"input":"a house","output":"une maison"}\n{"input":"two houses","output":"deux maisons"}\n',
    ],
    [
      'corpus.jsonl',
      '{"id":"0","translation":{"en":"a house","fr":"une maison"}}\n{"id":"1","translation":{"en":"two houses","fr":"deux maisons"}}\n',
    ],
    ['sides.tsv', 'a house\tune maison\nhalf a pair\t\ntwo houses\tdeux maisons\n\n'],
  ])('are read from %s', (name, text) => {
    expect(parse(name, text)).toEqual({ ...TWO, name });
  });

  it('are not what a table of texts with labels is, nor arrays that are called so', () => {
    expect(parse('a.tsv', 'text\tlabel\na house\t1\n').kind).toBe('text');
    expect(parse('a.jsonl', '{"input":[1,2],"output":[2,3]}\n').kind).toBe('examples');
  });

  it('of unequal count are refused with the line', () => {
    expect(() => parse('p.tsv', 'a house\tune maison\ntwo houses\n')).toThrow(
      'Line 2 of "p.tsv" has 1 column where the others have a source and a target; give every line both, parted by one tab.',
    );
    const lines = '{"source":"a house","target":"une maison"}\n{"source":"two houses"}\n';
    expect(() => parse('p.jsonl', lines)).toThrow(
      'Line 2 of "p.jsonl" has no text "target" like the first line; give every line a source and a target text.',
    );
    const corpus = '{"translation":{"en":"a","fr":"b"}}\n{"translation":{"fr":"b"}}\n';
    expect(() => parse('p.jsonl', corpus)).toThrow(
      'Line 2 of "p.jsonl" has no text "translation.en" like the first line; give every line a source and a target text.',
    );
    expect(() => parse('p.tsv', 'source\ttarget\na house\t\n')).toThrow(
      'The file "p.tsv" holds no pair of a source and a target text; give every line both.',
    );
  });
});
