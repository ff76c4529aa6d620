import { describe, expect, it } from 'vitest';
import { inOriginal } from './in-original.ts';

describe('pieces in the text they were cut from', () => {
  it('keep its case, accents and spaces', () => {
    const text = 'Zoë met  Ada,\nin York.';
    const pieces = inOriginal(text, ['zo', 'e', ' met', ' ada', ',', ' in', ' york', '.']);
    expect(pieces).toEqual(['Zo', 'ë', ' met', '  Ada', ',', '\nin', ' York', '.']);
    expect(pieces.join('')).toBe(text);
  });

  it('stay as they are where the tokenizer put something else, and go on behind it', () => {
    expect(inOriginal('A ☃ b', ['a', ' [UNK]', ' b'])).toEqual(['A', ' [UNK]', ' b']);
    expect(inOriginal('one', ['', 'one'])).toEqual(['', 'one']);
  });
});
