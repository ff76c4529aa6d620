import { describe, expect, it } from 'vitest';
import { methodNames } from './names.ts';

const names = (argument?: string) => methodNames(argument, ['pruning', 'low-rank'], ['wanda']);

describe('the names of a new method', () => {
  it('are made from family and id', () => {
    expect(names('low-rank/svd-2-step')).toEqual({
      family: 'low-rank',
      id: 'svd-2-step',
      constant: 'svd2Step',
      title: 'Svd 2 step',
    });
  });

  it.each([
    undefined,
    'pruning',
    'pruning/',
    'Pruning/x',
    'pruning/a/b',
    'pruning/../x',
    'pruning/a_b',
  ])('are refused when they are not family/id: %s', (argument) => {
    expect(() => names(argument)).toThrow(
      `A new method is named by family and id, both in lower case with hyphens, but "${argument ?? ''}" was given: npm run new-method -- pruning/my-method.`,
    );
  });

  it('are refused for a family that is not there', () => {
    expect(() => names('cutting/x')).toThrow(
      'There is no family "cutting"; the families are pruning, low-rank. A new one is a line in src/core/methods/families.ts.',
    );
  });

  it('are refused when they are taken', () => {
    expect(() => names('pruning/wanda')).toThrow(
      'There is a method "wanda" already; choose another id, or edit that one.',
    );
  });
});
