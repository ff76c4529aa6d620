import { describe, expect, it } from 'vitest';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { TextDataset, WindowOptions } from './types.ts';
import { tokenWindows } from './windows.ts';

/** One token a character; 1 starts a text. */
const tokenizer: Tokenizer = {
  vocabularySize: 1000,
  bos: 1,
  eos: 2,
  encode: (text) => [...text].map((c) => c.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
  tokenText: (id) => String.fromCharCode(id),
};

const data: TextDataset = { kind: 'text', name: 'd.txt', documents: ['abcdefgh', 'ij'] };

/** Windows as text: context in brackets, then what is scored; "^" is the start token. */
function show(options: WindowOptions, using = tokenizer, dataset = data): string[] {
  return tokenWindows(dataset, using, options).map(({ ids, firstCounted }) => {
    const text = [...ids].map((id) => (id < 3 ? '_^$'[id] : String.fromCharCode(id)));
    return `[${text.slice(0, firstCounted).join('')}]${text.slice(firstCounted).join('')}`;
  });
}

describe('tokenWindows', () => {
  it('makes one window of each document, cut at the length', () => {
    expect(show({ length: 6, mode: 'documents' })).toEqual(['[^]abcde', '[^]ij']);
    expect(show({ length: 6, mode: 'documents', bos: false })).toEqual(['[a]bcdef', '[i]j']);
    expect(show({ length: 6, mode: 'documents', limit: 1 })).toEqual(['[^]abcde']);
    expect(show({ length: 3, mode: 'documents', partial: false })).toEqual(['[^]ab', '[^]ij']);
    const windows = tokenWindows(data, tokenizer, { length: 4, mode: 'documents' });
    expect(windows.map(({ document }) => document)).toEqual([0, 1]);
  });

  it('cuts the stream of all documents', () => {
    expect(show({ length: 4 })).toEqual(['[^]abc', '[d]efg', '[h]^ij']);
    expect(show({ length: 5 })).toEqual(['[^]abcd', '[e]fgh^', '[i]j']);
    expect(show({ length: 5, partial: false })).toEqual(['[^]abcd', '[e]fgh^']);
    expect(show({ length: 5, limit: 1 })).toEqual(['[^]abcd']);
  });

  it('scores each token of a strided stream exactly once', () => {
    expect(show({ length: 5, stride: 2 })).toEqual([
      '[^]abcd',
      '[bcd]ef',
      '[def]gh',
      '[fgh]^i',
      '[h^i]j',
    ]);
    for (const stride of [1, 2, 3, 4]) {
      const windows = tokenWindows(data, tokenizer, { length: 5, stride });
      const scored = windows.flatMap(({ ids, firstCounted }) => [...ids.slice(firstCounted)]);
      expect(tokenizer.decode(scored)).toBe('abcdefgh\u0001ij');
    }
  });

  it('parts documents by the end token when there is no start token', () => {
    expect(show({ length: 20 }, { ...tokenizer, bos: undefined })).toEqual(['[a]bcdefgh$ij']);
    expect(show({ length: 20 }, { ...tokenizer, bos: undefined, eos: undefined })).toEqual([
      '[a]bcdefghij',
    ]);
  });

  it('says what is wrong', () => {
    const short: TextDataset = { kind: 'text', name: 's.txt', documents: ['ab'] };
    expect(() => show({ length: 256, partial: false }, tokenizer, short)).toThrow(
      'The text "s.txt" gives at most 3 tokens in one piece where at least 256 are needed; choose a longer text or a shorter length.',
    );
    const single: TextDataset = { ...short, documents: ['a'] };
    expect(() => show({ length: 8, bos: false }, tokenizer, single)).toThrow(
      'The text "s.txt" gives at most 1 tokens in one piece where at least 2 are needed; choose a longer text or a shorter length.',
    );
    expect(() => show({ length: 4, stride: 5 })).toThrow(
      'Windows of 4 tokens every 5 tokens (at most 1) cannot be made; choose a length of at least 2, a stride from 1 to the length and a limit of at least 1.',
    );
  });
});
