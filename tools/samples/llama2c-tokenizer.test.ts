import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseText } from '../../src/core/data/text-file.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { readLlama2cTokenizer, tokenizerConfigOf, tokenizerJsonOf } from './llama2c-tokenizer.ts';
import { loadTokenizer } from '../../src/core/text/tokenizer.ts';

const root = new URL('../..', import.meta.url);
const bytes = new Uint8Array(readFileSync(new URL('test/fixtures/stories260K/tok512.bin', root)));
const pieces = readLlama2cTokenizer(bytes, 512);
const tokenizer = loadTokenizer(tokenizerJsonOf(pieces), tokenizerConfigOf(512));

const vocabulary = new Map(pieces.map((piece, id) => [piece.text, id]));
const joined = pieces.map((a) => pieces.map((b) => vocabulary.get(a.text + b.text)));

/**
 * Independent oracle: llama2.c's own encoder. A space in front, one id per character (or its UTF-8
 * bytes + 3), then again and again the neighbouring pair whose joined piece scores best.
 */
function llama2cEncode(text: string): number[] {
  if (text === '') return [];
  const ids = [...` ${text}`].flatMap((character) => {
    const id = vocabulary.get(character);
    if (id !== undefined) return [id];
    return [...new TextEncoder().encode(character)].map((byte) => byte + 3);
  });
  for (;;) {
    let best = { at: -1, id: -1, score: -1e10 };
    for (let at = 0; at + 1 < ids.length; at++) {
      const id = joined[ids[at]][ids[at + 1]];
      if (id !== undefined && pieces[id].score > best.score) {
        best = { at, id, score: pieces[id].score };
      }
    }
    if (best.at < 0) return ids;
    ids.splice(best.at, 2, best.id);
  }
}

function sampleDocuments(name: string): readonly string[] {
  const url = new URL(`public/samples/stories/${name}`, root);
  return parseText({ name, bytes: new Uint8Array(readFileSync(url)) }).documents;
}

/** Random mixes of words, spaces and characters from all over Unicode. */
function oddTexts(count: number): string[] {
  const random = seededRandom(7);
  const parts = [
    'Once',
    ' upon',
    '  ',
    '\n',
    '\t',
    'ing',
    'e',
    ' the',
    '…',
    '™',
    '“',
    'é',
    'e\u0301',
  ];
  const more = [
    '日本',
    '😀',
    '👩‍👩‍👧',
    'שלום',
    '\u0000',
    '\u200b',
    '\u200a',
    '�',
    '~[]',
    '<0x0A>',
    '\r',
  ];
  const all = [...parts, ...more];
  return Array.from({ length: count }, () => {
    const length = 1 + Math.floor(random.next() * 30);
    return Array.from({ length }, () => all[Math.floor(random.next() * all.length)]).join('');
  });
}

describe('the tokenizer.json made from tok512.bin', () => {
  it('gives the ids of a plain greedy encoder on every story', () => {
    const stories = [...sampleDocuments('evaluation.txt'), ...sampleDocuments('calibration.txt')];
    const texts = [...stories, ...oddTexts(120), '', ' ', 'a', '  two', 'x'.repeat(300)];
    expect(texts.length).toBeGreaterThan(200);
    for (const text of texts) {
      expect(tokenizer.encode(text), text).toEqual(llama2cEncode(text));
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
  });

  it('puts the start token in front when asked', () => {
    expect([tokenizer.bos, tokenizer.eos, tokenizer.vocabularySize]).toEqual([1, 2, 512]);
    expect(tokenizer.encode('Once upon a time', { addSpecial: true })).toEqual([
      1, 403, 407, 261, 378,
    ]);
    expect(tokenizer.decode([1, 403, 407, 261, 378])).toBe('Once upon a time');
    expect(tokenizer.tokenText(261)).toBe('▁a');
    expect(tokenizer.tokenText(13)).toBe('<0x0A>');
    expect(tokenizer.tokenText(512)).toBeUndefined();
  });

  it('refuses a file of another vocabulary or kind', () => {
    expect(() => readLlama2cTokenizer(bytes, 32000)).toThrow(
      "The tokenizer file does not hold exactly the 32000 pieces of this model in llama2.c's format (512 were read); give the tokenizer .bin that belongs to the model.",
    );
    expect(() => readLlama2cTokenizer(bytes.subarray(0, 3000), 512)).toThrow(/512 pieces/);
    expect(() => readLlama2cTokenizer(new Uint8Array(3), 1)).toThrow(/\(0 were read\)/);
  });
});
