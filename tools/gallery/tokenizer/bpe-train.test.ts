import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random/seeded.ts';
import { bpeTokenizerJson } from './bpe-tokenizer-json.ts';
import { trainBpe } from './bpe-train.ts';
import { BYTE_CHARACTERS, splitWords, toByteCharacters } from './byte-level.ts';
import { loadTokenizer } from '../../../src/core/text/tokenizer.ts';

const TEXT = `the cat sat on the mat. The cats' mats weren't the cat's; they're 1984 metres long — naïve, 数学!
\tAnd so it goes, on and on and on.  Two spaces.\n\nTwo lines.`;

/** Learned again from scratch in the slowest and simplest way: recount everything for each merge. */
function slowMerges(text: string, count: number): string[] {
  let words = splitWords(text).map((word) => Array.from(toByteCharacters(word)));
  const age = [...BYTE_CHARACTERS];
  const merges: string[] = [];
  for (let step = 0; step < count; step++) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let k = 1; k < word.length; k++) {
        const pair = `${word[k - 1]} ${word[k]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const rank = (pair: string) => pair.split(' ').map((piece) => age.indexOf(piece));
    const [best] = [...counts].sort(
      ([a, m], [b, n]) => n - m || rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1],
    )[0];
    const [left, right] = best.split(' ');
    merges.push(best);
    age.push(left + right);
    words = words.map((word) => {
      const out: string[] = [];
      for (let k = 0; k < word.length; k++) {
        const hit = word[k] === left && word[k + 1] === right;
        out.push(hit ? left + right : word[k]);
        if (hit) k++;
      }
      return out;
    });
  }
  return merges;
}

describe('splitWords', () => {
  it('loses nothing and keeps spaces with the word behind them', () => {
    expect(splitWords(TEXT).join('')).toBe(TEXT);
    expect(splitWords("I don't know,  42 times\n")).toEqual([
      'I',
      ' don',
      "'t",
      ' know',
      ',',
      ' ',
      ' 42',
      ' times',
      '\n',
    ]);
  });

  it('spells every byte with a printable character of its own', () => {
    expect(new Set(BYTE_CHARACTERS).size).toBe(256);
    expect(toByteCharacters(' é\n')).toBe('ĠÃ©Ċ');
  });
});

describe('trainBpe', () => {
  it('learns the same merges as a slow recount', () => {
    const { merges } = trainBpe([TEXT], { vocabularySize: 256 + 30, minFrequency: 1 });
    expect(merges.map((merge) => merge.join(' '))).toEqual(slowMerges(TEXT, 30));
  });

  it('is the same every time, wherever the texts are cut into documents at words', () => {
    const options = { vocabularySize: 300, specialTokens: ['<s>', '</s>'] };
    const words = splitWords(TEXT);
    expect(trainBpe(words, options)).toEqual(trainBpe([TEXT], options));
  });

  it('stops when no pair is frequent enough', () => {
    const { tokens, merges } = trainBpe(['abab'], { vocabularySize: 1000 });
    expect(merges).toEqual([['a', 'b']]);
    expect(tokens).toHaveLength(257);
  });

  it('refuses a vocabulary too small for the bytes', () => {
    expect(() => trainBpe([], { vocabularySize: 257, specialTokens: ['<s>', '</s>'] })).toThrow(
      'A vocabulary of 257 tokens cannot hold the 256 bytes and 2 special tokens; choose at least 258.',
    );
  });
});

describe('bpeTokenizerJson', () => {
  const vocabulary = trainBpe([TEXT], {
    vocabularySize: 320,
    specialTokens: ['[PAD]', '[CLS]', '[SEP]'],
  });
  const json: unknown = JSON.parse(
    JSON.stringify(bpeTokenizerJson(vocabulary, { template: ['[CLS]', '$A', '[SEP]'] })),
  );
  const tokenizer = loadTokenizer(json, { cls_token: '[CLS]' });

  it('gives every text back', () => {
    expect(tokenizer.vocabularySize).toBe(vocabulary.tokens.length);
    const random = seededRandom(5, 'texts');
    const letters = Array.from("ab é—数学🙂 \n\t'1.,<>");
    const texts = Array.from({ length: 40 }, () =>
      Array.from({ length: 30 }, () => letters[Math.floor(random.next() * letters.length)]).join(
        '',
      ),
    );
    for (const text of [TEXT, 'never seen: Ωmega', ...texts]) {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
  });

  it('uses the merges: learned text takes fewer tokens than bytes', () => {
    const ids = tokenizer.encode(' the cat');
    expect(ids.map((id) => tokenizer.tokenText(id)).join('')).toBe('ĠtheĠcat');
    expect(ids.length).toBeLessThan(4);
  });

  it('puts special tokens around a text', () => {
    const ids = tokenizer.encode('on', { addSpecial: true });
    expect([ids[0], ids.at(-1)]).toEqual([1, 2]);
    expect(tokenizer.bos).toBe(1);
    expect(tokenizer.decode(ids)).toBe('on');
  });
});
