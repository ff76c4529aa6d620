import { describe, expect, it } from 'vitest';
import { bpeTokenizerJson } from '../../../tools/gallery/tokenizer/bpe-tokenizer-json.ts';
import { trainBpe } from '../../../tools/gallery/tokenizer/bpe-train.ts';
import { encodeWithin } from './encode-within.ts';
import { loadTokenizer } from './tokenizer.ts';

const vocabulary = trainBpe(['a b c d e f'], {
  vocabularySize: 270,
  specialTokens: ['[PAD]', '[CLS]', '[SEP]'],
});
const withTemplate = (template: readonly string[], config = {}) =>
  loadTokenizer(bpeTokenizerJson(vocabulary, { template }), config);

describe('encodeWithin', () => {
  const tokenizer = withTemplate(['[CLS]', '$A', '[SEP]']);
  const own = tokenizer.encode('abcdefabc');

  it('puts the special tokens around a text', () => {
    expect([...encodeWithin(tokenizer, 'abcdefabc', 64)]).toEqual([1, ...own, 2]);
    expect([...encodeWithin(tokenizer, '', 64)]).toEqual([1, 2]);
  });

  it('cuts the text, not the special tokens', () => {
    expect([...encodeWithin(tokenizer, 'abcdefabc', 5)]).toEqual([1, ...own.slice(0, 3), 2]);
    expect([...encodeWithin(tokenizer, 'abcdefabc', own.length + 2)]).toEqual([1, ...own, 2]);
    expect([...encodeWithin(tokenizer, 'abcdefabc', 1)]).toEqual([1]);
    const behind = withTemplate(['$A', '[SEP]', '[CLS]']);
    expect([...encodeWithin(behind, 'abcdefabc', 4)]).toEqual([...own.slice(0, 2), 2, 1]);
  });

  it('knows padding and the longest text from the configuration', () => {
    expect([tokenizer.pad, tokenizer.maxLength]).toEqual([0, undefined]);
    const config = { pad_token: { content: '[SEP]' }, model_max_length: 128 };
    const configured = withTemplate(['$A'], config);
    expect([configured.pad, configured.maxLength]).toEqual([2, 128]);
    expect(withTemplate(['$A'], { model_max_length: 1e30 }).maxLength).toBeUndefined();
  });
});
