import { expect, it } from 'vitest';
import { wrapped } from './wrapped.ts';

const letters = (text: string): number => text.length;

it('breaks at spaces, before a line is too wide', () => {
  expect(wrapped('one two three', 7, letters)).toEqual(['one two', 'three']);
  expect(wrapped('one two three', 6, letters)).toEqual(['one', 'two', 'three']);
  expect(wrapped('one', 7, letters)).toEqual(['one']);
});

it('gives a word that is too wide a line of its own', () => {
  expect(wrapped('a self_attn.q_proj b', 6, letters)).toEqual(['a', 'self_attn.q_proj', 'b']);
});
