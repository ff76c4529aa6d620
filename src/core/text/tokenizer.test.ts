import { describe, expect, it } from 'vitest';
import { LatheError } from '../errors/lathe-error.ts';
import { checkTokenizerFits, loadTokenizer } from './tokenizer.ts';

/** A word-level tokenizer in BERT's style, as small as one can be. */
const json = {
  added_tokens: [{ id: 1, content: '[CLS]', special: true }],
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: null,
  decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[UNK]': 0, '[CLS]': 1, a: 2, '##b': 3, ',': 4 },
  },
};

describe('loadTokenizer', () => {
  it('encodes, decodes and finds the start token by its usual name', () => {
    const tokenizer = loadTokenizer(json);
    expect(tokenizer.encode('AB zz a')).toEqual([2, 3, 0, 2]);
    expect(tokenizer.decode([1, 2, 3, 4])).toBe('ab ,');
    expect(tokenizer.decode([])).toBe('');
    expect([tokenizer.bos, tokenizer.eos, tokenizer.vocabularySize]).toEqual([1, undefined, 5]);
  });

  it('takes special tokens from tokenizer_config.json, as names or objects', () => {
    const tokenizer = loadTokenizer(json, { bos_token: { content: 'a' }, eos_token: ',' });
    expect([tokenizer.bos, tokenizer.eos]).toEqual([2, 4]);
  });

  it('says what is wrong', () => {
    expect(() => loadTokenizer('text')).toThrow(
      'This is no Hugging Face tokenizer.json; give the tokenizer.json that was saved with the model.',
    );
    expect(() => loadTokenizer({ ...json, model: { type: 'BPE' } })).toThrow(
      'This is no Hugging Face tokenizer.json: its field "model.vocab" is missing or of another kind; give the tokenizer.json that was saved with the model.',
    );
    expect(() => loadTokenizer(json, { eos_token: 5 })).toThrow(
      'The field "eos_token" of tokenizer_config.json is of another kind than expected; give the tokenizer_config.json that was saved with the model, or leave it out.',
    );
    expect(() => loadTokenizer({ ...json, decoder: { type: 'Odd' } })).toThrow(
      'The tokenizer cannot be used because it has a part that is not supported (Unknown Decoder type: Odd); give a tokenizer.json that transformers.js can load.',
    );
  });

  it('fails with a sentence whatever is put in place of a field', () => {
    const odd = [null, 0, 'x', [], {}, [{}], { type: 'BPE' }, { type: 'Sequence' }];
    for (const key of Object.keys(json)) {
      for (const value of odd) {
        try {
          loadTokenizer({ ...json, [key]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(LatheError);
        }
      }
    }
  });
});

describe('checkTokenizerFits', () => {
  it('allows spare rows and refuses missing ones', () => {
    const tokenizer = loadTokenizer(json);
    checkTokenizerFits(tokenizer, 8);
    expect(() => checkTokenizerFits(tokenizer, 4)).toThrow(
      'The tokenizer has 5 tokens but the model only 4, so some texts would ask for tokens the model does not have; give the tokenizer.json that was saved with this model.',
    );
  });
});
