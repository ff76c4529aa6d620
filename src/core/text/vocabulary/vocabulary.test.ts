import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { companionBytes, companionJson } from '../../companions/files.ts';
import type { Companions } from '../../companions/types.ts';
import { loadTokenizer } from '../tokenizer.ts';
import { chooseTokens } from './choose-tokens.ts';
import { cutTokens } from './cut-tokens.ts';
import { packTokens, unpackTokens } from './token-set.ts';

const samples = new URL('../../../../public/samples/', import.meta.url);
const FILES = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];

async function filesOf(sample: string): Promise<Companions> {
  const found = await Promise.all(
    FILES.map(async (path) => {
      const bytes = await readFile(new URL(`${sample}/${path}`, samples)).catch(() => undefined);
      return bytes === undefined ? [] : [[path, { bytes: new Uint8Array(bytes) }] as const];
    }),
  );
  return new Map(found.flat());
}

const files = (parts: Record<string, unknown>): Companions =>
  new Map(Object.entries(parts).map(([path, json]) => [path, { json }]));

const tokenizerOf = (of: Companions) =>
  loadTokenizer(companionJson(of, 'tokenizer.json'), companionJson(of, 'tokenizer_config.json'));

const countsOf = (ids: readonly number[]) => {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};

const WORDPIECE = {
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map((content, id) => ({
    id,
    content,
    special: true,
  })),
  normalizer: { type: 'BertNormalizer', lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  decoder: { type: 'WordPiece', prefix: '##' },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(
      [
        '[PAD]',
        '[UNK]',
        '[CLS]',
        '[SEP]',
        'whale',
        'sea',
        '##s',
        'a',
        '##h',
        'w',
        '##a',
        '##l',
        '##e',
        'whales',
        's',
        'ship',
      ].map((text, id) => [text, id]),
    ),
  },
};

const UNIGRAM = {
  added_tokens: [
    { id: 0, content: '<unk>', special: true },
    { id: 5, content: '<eos>', special: true },
  ],
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '<eos>', type_id: 0 } }],
    pair: [],
    special_tokens: { '<eos>': { id: '<eos>', ids: [5], tokens: ['<eos>'] } },
  },
  decoder: { type: 'Metaspace', replacement: '▁' },
  model: {
    type: 'Unigram',
    unk_id: 0,
    vocab: [
      ['<unk>', 0],
      ['▁whale', -2],
      ['▁', -4],
      ['w', -5],
      ['h', -5],
      ['<eos>', 0],
      ['▁sea', -2.5],
      ['s', -4.5],
      ['e', -5],
      ['a', -5],
      ['▁ship', -3],
    ],
  },
};

describe('a set of tokens as text', () => {
  it('is read as it was written, whatever its size', () => {
    for (const size of [1, 6, 7, 50_257]) {
      const tokens = Array.from({ length: size }, (_, id) => id).filter(
        (id) => (id * 7919) % 5 < 2,
      );
      const packed = packTokens(tokens, size);
      expect(packed).toHaveLength(Math.ceil(size / 6));
      expect([...unpackTokens(packed, size)]).toEqual(tokens);
    }
  });
});

describe.each(['stories', 'prose', 'mail'])('the tokenizer of %s', (sample) => {
  it('cuts texts without dropped tokens as before, and spells those with one', async () => {
    const whole = await filesOf(sample);
    const before = tokenizerOf(whole);
    const size = before.vocabularySize;
    const encode = (some: string, options = {}) => before.encode(some, options);
    const text = 'Once upon a time there was a little girl who had a big red ball.';
    const special = { addSpecial: true };
    const kept = chooseTokens(whole, size, countsOf(encode(text)), { coverage: 1 });
    expect(kept.length).toBeLessThan(size);
    const cut = cutTokens(whole, size, kept);
    const own = tokenizerOf(cut);
    expect(own.vocabularySize).toBe(kept.length);
    for (const some of [text, 'a big ball was upon a girl', 'Once']) {
      if (encode(some).some((id) => !kept.includes(id))) continue;
      expect(own.encode(some, special).map((id) => kept[id])).toEqual(encode(some, special));
    }
    const other = 'The merchant quarrelled about 17 zebras in Zürich?';
    expect(encode(other).some((id) => !kept.includes(id))).toBe(true);
    expect(own.decode(own.encode(other))).toBe(before.decode(encode(other)));
    const config = companionJson(cut, 'config.json') as Record<string, unknown>;
    const was = companionJson(whole, 'config.json') as Record<string, unknown>;
    expect(config['vocab_size']).toBe(kept.length);
    for (const name of ['bos_token_id', 'eos_token_id', 'pad_token_id']) {
      const id = was[name];
      if (typeof id === 'number') expect(kept[config[name] as number]).toBe(id);
    }
  });
});

describe('the tokens that stay', () => {
  const whole = files({ 'tokenizer.json': WORDPIECE, 'config.json': { eos_token_id: [14, 3] } });

  it('cover the share of the corpus that was asked for, the most frequent first', () => {
    const counts = new Map([
      [4, 6],
      [5, 3],
      [13, 1],
    ]);
    const always = [0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 14];
    const chosen = (coverage: number) => chooseTokens(whole, 16, counts, { coverage });
    const more = (coverage: number) => chosen(coverage).filter((id) => !always.includes(id));
    expect(always.every((id) => chosen(0.5).includes(id))).toBe(true);
    expect([more(0.6), more(0.61), more(0.9), more(1)]).toEqual([[4], [4, 5], [4, 5], [4, 5, 13]]);
  });

  it('are as many as were asked for, or those that must stay', () => {
    const counts = new Map([[15, 2]]);
    const keep = (count: number) => chooseTokens(whole, 16, counts, { coverage: 1, keep: count });
    expect([13, 14, 16].map((count) => keep(count).length)).toEqual([13, 14, 16]);
    expect(keep(13)).toContain(15);
    expect(keep(1)).toHaveLength(12);
  });

  it('have all they are merged from, by every rule', async () => {
    const stories = await filesOf('stories');
    const json = companionJson(stories, 'tokenizer.json') as {
      model: { vocab: Record<string, number>; merges: (string | [string, string])[] };
    };
    const kept = new Set(chooseTokens(stories, 512, new Map([[500, 1]]), { coverage: 1 }));
    expect(kept).toContain(500);
    for (const merge of json.model.merges) {
      const [left, right] = typeof merge === 'string' ? merge.split(' ') : merge;
      const { [left + right]: made, [left]: a, [right]: b } = json.model.vocab;
      if (kept.has(made)) expect([kept.has(a), kept.has(b)]).toEqual([true, true]);
    }
  });
});

describe('tokenizers of other kinds', () => {
  it('of word pieces: ids around a text, of the vocabulary and of added tokens', () => {
    const whole = files({ 'tokenizer.json': WORDPIECE });
    const kept = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 14];
    const own = tokenizerOf(cutTokens(whole, 16, kept));
    expect(own.encode('sea', { addSpecial: true })).toEqual([2, 4, 3]);
    // "whale" went: it is spelled.
    expect(tokenizerOf(whole).encode('whale')).toEqual([4]);
    expect(own.encode('whale').map((id) => own.tokenText(id))).toEqual([
      'w',
      '##h',
      '##a',
      '##l',
      '##e',
    ]);
  });

  it('of pieces with scores: order, unknown and template', () => {
    const whole = files({ 'tokenizer.json': UNIGRAM });
    const kept = [0, 2, 3, 4, 5, 6, 7, 8, 9];
    const own = tokenizerOf(cutTokens(whole, 11, kept));
    expect(own.encode('sea', { addSpecial: true })).toEqual([5, 4]);
    expect(own.encode('whale').map((id) => own.tokenText(id))).toContain('<unk>');
  });

  it('that is none is said', () => {
    const broken = files({ 'tokenizer.json': { added_tokens: [], model: { vocab: 'x' } } });
    expect(() => cutTokens(broken, 3, [0])).toThrow(
      'The field "model.vocab" of tokenizer.json is missing or of another kind, so its tokens cannot be renumbered; give the tokenizer.json that was saved with the model.',
    );
  });
});

describe('the other files', () => {
  it('follow, and what cannot follow goes', () => {
    const text = (lines: string) => ({ bytes: new TextEncoder().encode(lines) });
    const whole: Companions = new Map<string, { bytes: Uint8Array } | { json: unknown }>([
      ['vocab.json', { json: { a: 0, b: 1, ab: 2, c: 3 } }],
      ['merges.txt', text('#version: 0.2\na b\na c\n')],
      ['vocab.txt', text('a\nb\nab\nc\n')],
      [
        'tokenizer.json',
        {
          json: {
            added_tokens: [],
            model: { vocab: { a: 0, b: 1, ab: 2, c: 3 }, merges: ['a b'] },
          },
        },
      ],
      ['tokenizer.model', text('binary')],
      [
        'tokenizer_config.json',
        { json: { x: 1, added_tokens_decoder: { 2: { content: 'ab' }, 3: { content: 'c' } } } },
      ],
      [
        'generation_config.json',
        {
          json: {
            eos_token_id: [2, 3],
            pad_token_id: -1,
            suppress_tokens: [1, 2],
            decoder: { bos_token_id: 3 },
          },
        },
      ],
      ['preprocessor_config.json', { json: { size: 3 } }],
    ]);
    const cut = cutTokens(whole, 4, [0, 1, 2]);
    const said = (path: string) => {
      const file = cut.get(path);
      return file && new TextDecoder().decode(companionBytes(file));
    };
    expect(companionJson(cut, 'vocab.json')).toEqual({ a: 0, b: 1, ab: 2 });
    expect([said('merges.txt'), said('vocab.txt')]).toEqual(['#version: 0.2\na b\n', 'a\nb\nab\n']);
    expect(companionJson(cut, 'tokenizer_config.json')).toEqual({
      x: 1,
      added_tokens_decoder: { 2: { content: 'ab' } },
    });
    expect(companionJson(cut, 'generation_config.json')).toEqual({
      ...{
        eos_token_id: [2],
        pad_token_id: -1,
        suppress_tokens: [1, 2],
        decoder: { bos_token_id: null },
      },
    });
    expect([cut.has('tokenizer.model'), cut.get('preprocessor_config.json')]).toEqual([
      false,
      whole.get('preprocessor_config.json'),
    ]);
  });
});
