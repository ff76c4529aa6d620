import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDims,
  bindDim,
  ceilDivideDims,
  divideExactly,
  floorDivideDims,
  isAtLeastZero,
  maxDims,
  minDims,
  multiplyDims,
  productOf,
  sameDim,
  subtractDims,
} from './dimension.ts';
import type { Dim } from './dimension.ts';
import { slicedDim } from './slice.ts';

describe('size expressions', () => {
  it('have one canonical form', () => {
    expect(addDims('sequence', 'sequence')).toBe('2*sequence');
    expect(addDims('b', 'a')).toBe('a + b');
    expect(addDims('sequence_length', 'past_sequence_length')).toBe(
      bindDim('past_sequence_length + sequence_length', {}),
    );
    expect(multiplyDims(addDims('s', 1), 'b')).toBe('b*s + b');
    expect(subtractDims(addDims('past', 'new'), 'past')).toBe('new');
    expect(productOf(['b', 4, 3])).toBe('12*b');
    expect(subtractDims('s', 's')).toBe(0);
    expect(subtractDims(1, 's')).toBe('-s + 1');
  });

  it('divide where that is exact and keep the rest as a call', () => {
    expect(divideExactly('12*b*s', '4*b')).toBe('3*s');
    expect(divideExactly('s + 1', 2)).toBeUndefined();
    expect(floorDivideDims('2*s + 1', 2)).toBe('s');
    expect(floorDivideDims('s + 5', 4)).toBe('floor(s + 1, 4) + 1');
    expect(ceilDivideDims('s', 2)).toBe('floor(s + 1, 2)');
    expect(floorDivideDims(7, 0)).toBeUndefined();
  });

  it('decide extremes and equality only where they are certain', () => {
    expect(maxDims('s', addDims('s', 2))).toBe('s + 2');
    expect(minDims('s', 4)).toBe('min(4, s)');
    expect(maxDims(0, 's')).toBe('s');
    expect(sameDim('s', 's')).toBe(true);
    expect(sameDim('s', -1)).toBe(false);
    expect(sameDim('s', addDims('s', 1))).toBe(false);
    expect(sameDim('s', 'b')).toBeUndefined();
    expect(isAtLeastZero(subtractDims('s', 1))).toBe(false);
  });

  it('take names that are no expressions as they are', () => {
    expect(bindDim('image height', {})).toBe('image height');
    expect(addDims('image height', 1)).toBe('"image height" + 1');
    expect(bindDim('"image height" + 1', { 'image height': 4 })).toBe(5);
    expect(bindDim('image height', { 'image height': 4 })).toBe(4);
    expect(bindDim('unk__12', {})).toBe('unk__12');
    expect(bindDim('?', {})).toBeUndefined();
    expect(bindDim('', {})).toBeUndefined();
    expect(bindDim('height//16', { height: 224 })).toBe(14);
  });

  it('are bounded: nothing a file says makes them grow without end', () => {
    expect(bindDim('('.repeat(5000), {})).toBe(undefined);
    const deep = `${'('.repeat(100)}a${')'.repeat(100)}`;
    expect(bindDim(deep, { a: 3 })).toBe(deep);
    let grown: Dim = 'a';
    for (let i = 0; i < 100; i++) grown = multiplyDims(addDims(grown, `b${i}`), addDims('c', i));
    expect(grown).toBeUndefined();
    let large: Dim = 's';
    for (let i = 0; i < 100; i++) large = multiplyDims(large, 1000);
    expect(large).toBeUndefined();
  });

  it('agree with numbers, whatever the expression (property)', () => {
    interface Pair {
      readonly symbolic: Dim;
      readonly number: number;
    }
    const bindings = { a: 3, b: 8, 'odd name': 5 };
    const operations = {
      add: addDims,
      subtract: subtractDims,
      multiply: multiplyDims,
      max: maxDims,
      min: minDims,
    };
    const leaf = fc.oneof(
      fc.constantFrom<Pair>(
        { symbolic: 'a', number: 3 },
        { symbolic: 'b', number: 8 },
        { symbolic: 'odd name', number: 5 },
      ),
      fc.integer({ min: -9, max: 9 }).map((n): Pair => ({ symbolic: n, number: n })),
    );
    const { tree } = fc.letrec<{ tree: Pair }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc
          .tuple(fc.constantFrom(...Object.values(operations)), tie('tree'), tie('tree'))
          .map(([operate, x, y]) => ({
            symbolic: operate(x.symbolic, y.symbolic),
            number: Number(operate(x.number, y.number)),
          })),
        fc.tuple(tie('tree'), fc.integer({ min: 1, max: 6 })).map(([x, n]) => ({
          symbolic: floorDivideDims(x.symbolic, n),
          number: Math.floor(x.number / n),
        })),
      ),
    }));
    fc.assert(
      fc.property(tree, ({ symbolic, number }) => {
        if (symbolic === undefined) return;
        expect(Number(bindDim(symbolic, bindings))).toBe(number);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe('slicedDim', () => {
  it('clamps numbers as ONNX says', () => {
    expect(slicedDim(10, 2, 100, 3)).toBe(3);
    expect(slicedDim(10, -1, -11, -1)).toBe(10);
    expect(slicedDim(10, 5, 3, 1)).toBe(0);
  });

  it('follows symbols', () => {
    const end = Number(0x7fffffffffffffffn);
    expect(slicedDim('s', 1, end, 1)).toBe('s - 1');
    expect(slicedDim('s', -1, end, 1)).toBe(1);
    expect(slicedDim('s', 0, 1, 1)).toBe(1);
    expect(slicedDim('s', 0, end, 2)).toBe('floor(s + 1, 2)');
    expect(slicedDim(1024, 0, 's', 1)).toBe('s');
    expect(slicedDim(1024, 'past', 'past + s', 1)).toBe('s');
    expect(slicedDim('s', -1, -end, -1)).toBe('s');
    expect(slicedDim('s', 0, 4, 1)).toBe('min(4, s)');
    expect(slicedDim('s', undefined, 4, 1)).toBeUndefined();
  });
});
