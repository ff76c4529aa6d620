import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

describe('nearestName', () => {
  it('finds the name with the fewest edits, whatever the case', () => {
    expect(nearestName('GPTQ ', ['wanda', 'gptq'])).toBe('gptq');
    expect(nearestName('blocksize', ['bits', 'blockSize', 'clip'])).toBe('blockSize');
    expect(nearestName('head', ['all', 'output-head'])).toBe('output-head');
    expect(nearestName('x', [])).toBeUndefined();
  });

  it('counts insertions, deletions and substitutions', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('abc', 'abc')).toBe(0);
  });

  it('stays quick on words of any length', () => {
    expect(editDistance('a'.repeat(1e6), 'b')).toBe(64);
  });
});
