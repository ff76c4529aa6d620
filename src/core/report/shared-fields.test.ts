import { describe, expect, it } from 'vitest';
import { sharedOf, withShared, withoutShared } from './shared-fields.ts';

const A = { tool: 'x', list: [1, 2], inner: { same: 1, other: 2, deep: { kept: true } }, own: 1 };
const B = { tool: 'x', list: [1, 3], inner: { same: 1, other: 3, deep: { kept: true } } };

describe('shared fields', () => {
  it('are those that all have with equal values, at any depth', () => {
    expect(sharedOf([A, B])).toEqual({ tool: 'x', inner: { same: 1, deep: { kept: true } } });
    expect(sharedOf([A])).toEqual(A);
    expect(sharedOf([])).toEqual({});
  });

  it('leave the rest, and both together are what there was', () => {
    const shared = sharedOf([A, B]);
    expect(withoutShared(A, shared)).toEqual({
      list: [1, 2],
      inner: { other: 2, deep: {} },
      own: 1,
    });
    for (const fields of [A, B])
      expect(withShared(withoutShared(fields, shared), shared)).toEqual(fields);
  });
});
