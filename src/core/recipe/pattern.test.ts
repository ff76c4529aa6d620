import { describe, expect, it } from 'vitest';
import { compilePattern } from './pattern.ts';

describe('compilePattern', () => {
  const sources = [
    'mlp',
    '^model',
    'weight$',
    '^a$',
    'layers\\.(0|1|10)\\.mlp',
    'layers\\.[0-3]\\.',
    '[^a-z]',
    'q_proj|k_proj|v_proj',
    'a*b+c?',
    '(ab)+$',
    '(?:x|y){2}',
    'x{2,3}z',
    'a.c',
    '\\d+$',
    '',
    '(a|b|)c',
    '[-x]',
    '[x\\]]',
  ];
  const texts = [
    '',
    'a',
    'aa',
    'abc',
    'xz',
    'xxz',
    'xxxxz',
    'abab',
    'yx',
    '-',
    ']',
    'c',
    'model.layers.1.mlp.up_proj.weight',
    'model.layers.12.self_attn.q_proj.weight',
    'bbc',
    'aXc',
  ];

  it('agrees with RegExp on everything it knows', () => {
    for (const source of sources) {
      const pattern = compilePattern(source);
      for (const text of texts) {
        expect([source, text, pattern.test(text)]).toEqual([
          source,
          text,
          new RegExp(source).test(text),
        ]);
      }
    }
  });

  it('answers where RegExp would not within the age of the universe', () => {
    const text = `${'a'.repeat(2000)}!`;
    expect(compilePattern('^(a+)+$').test(text)).toBe(false);
    expect(compilePattern('(a|a|aa)*b').test(text)).toBe(false);
  });

  it.each([
    ['(a', 'has a "(" that is never closed'],
    ['a)', 'has a ")" too many'],
    ['[a', 'has a "[" that is never closed'],
    ['*a', 'repeats nothing with "*"'],
    ['a\\', 'ends in a backslash'],
    ['(?=a)', 'uses a look-around'],
    ['\\1', 'uses \\1, which is not supported'],
    ['((a{99}){99}){99}', 'repeats too much'],
  ])('refuses %s', (source, what) => {
    expect(() => compilePattern(source)).toThrow(
      `The regular expression /${source}/ ${what}; write a simpler one, or list the layers by name.`,
    );
  });

  it('refuses very long patterns', () => {
    expect(() => compilePattern('a'.repeat(201))).toThrow('is longer than 200 characters');
  });
});
