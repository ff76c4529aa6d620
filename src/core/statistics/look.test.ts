import { describe, expect, it } from 'vitest';
import type { Layer } from '../anatomy/types.ts';
import { inputOf, lookKey, looksAtInputs, singleLooks, valuesOf } from './look.ts';
import { seenIn } from './seen.ts';
import type { Take } from './take.ts';

const layer = (name: string, op: Layer['op'], input = 'x'): Layer => ({
  ...{ name, op, input, weight: name, output: `${name}.out`, layout: 'in-out' },
  ...{ inFeatures: 4, outFeatures: 4, role: 'other', group: 'other' },
});
const [a, b] = [layer('a', 'MatMul'), layer('b', 'MatMul')];
const [conv, table] = [layer('conv', 'Conv'), layer('table', 'Gather')];

describe('looksAtInputs', () => {
  it('looks at what the weights multiply, and at no look-up', () => {
    const looks = looksAtInputs([a, table, conv], ['norms']);
    expect(looks).toEqual([
      { value: 'x', rowsOf: a, take: ['norms'] },
      { value: 'x', rowsOf: conv, take: ['norms'] },
    ]);
  });
});

describe('singleLooks', () => {
  it('takes shared rows once, and rows that are read differently apart', () => {
    const looks = [...looksAtInputs([a, b, conv], ['norms', 'moments']), { value: 'x', take: [] }];
    const keys = singleLooks([...looks, { value: 'x', take: ['norms', 'range'] }]).map(
      (l) => l.key,
    );
    expect(keys).toEqual([
      '["x"] norms',
      '["x"] moments',
      '["x","conv.out"] norms',
      '["x","conv.out"] moments',
      '["x"] range',
    ]);
  });

  it('tells takes of different partners apart', () => {
    const takes: Take[] = [
      { kind: 'cosine with', other: 'float path' },
      { kind: 'cosine with', other: { value: 'float path' } },
      { kind: 'cross moments with', other: { value: 'y' } },
    ];
    const found = singleLooks([{ value: 'x', take: takes }]);
    expect(new Set(found.map(({ key }) => key)).size).toBe(3);
    expect(found.map(valuesOf)).toEqual([['x'], ['x', 'float path'], ['x', 'y']]);
  });
});

describe('a weight’s gradient', () => {
  it('is that of one layer, whoever reads the same rows', () => {
    const looks = looksAtInputs([a, b], ['weight gradient', 'gradient']);
    expect(singleLooks(looks).map(({ key }) => key)).toEqual([
      '["x","a.out"] weight gradient',
      '["x"] gradient',
      '["x","b.out"] weight gradient',
    ]);
  });
});

describe('seenIn', () => {
  it('answers for all layers that share rows, and only for what was taken', () => {
    const norms = { rows: 1, columns: 4, values: new Float32Array(4) };
    const seen = seenIn(new Map([[lookKey(inputOf(a), 'norms'), norms]]));
    expect(seen.at(inputOf(b), 'norms')).toBe(norms);
    expect(seen.at({ value: 'x' }, 'norms')).toBe(norms);
    expect(seen.at(inputOf(conv), 'norms')).toBeUndefined();
    expect(seen.at(inputOf(a), 'moments')).toBeUndefined();
  });
});
