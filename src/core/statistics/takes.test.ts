import { describe, expect, it } from 'vitest';
import { createPairTake, createTake } from './create-take.ts';
import type { GradientTake, PairTake, SingleTake } from './take.ts';
import { collect, collectPair, COLUMNS, PIECES, randomRows, WHOLE } from './testing.ts';

const SINGLES = ['moments', 'norms', 'maxima', 'mean', 'range', 'histogram'] as const;
const PAIRS: readonly PairTake[] = [
  { kind: 'cosine with', other: 'float path' },
  { kind: 'cross moments with', other: 'float path' },
];
const [x, y] = [randomRows('x'), randomRows('y')];
const NOT_FINITE =
  'The calibration data drives the input of this layer to NaN or infinity (first in channel 1 of 3); check the data, or use a float32 model.';

describe.each(SINGLES)('%s', (take: Exclude<SingleTake, GradientTake>) => {
  it('does not depend on how the rows were cut into calls, to the bit', () => {
    const whole = collect(createTake(take, COLUMNS), x, WHOLE);
    expect(collect(createTake(take, COLUMNS), x, PIECES)).toEqual(whole);
  });

  it.each([NaN, Infinity, -Infinity])('refuses %d in words', (bad) => {
    const accumulator = createTake(take, 3);
    accumulator.add(Float32Array.of(1, bad, 2), 1);
    accumulator.add(Float32Array.of(1, 1, 2), 1);
    expect(() => accumulator.finish()).toThrow(NOT_FINITE);
  });

  it('refuses an array of the wrong size', () => {
    expect(() => createTake(take, 4).add(new Float32Array(10), 3)).toThrow(
      "Captured activations hold 10 numbers, but 3 rows of 4 columns need 12; the captured value is not this layer's input.",
    );
  });

  it('is finite before any row', () => {
    const empty = Object.values(createTake(take, 2).finish() as object).flatMap((part) =>
      ArrayBuffer.isView(part) ? [...(part as Float32Array)] : [part as number],
    );
    expect(empty.every(Number.isFinite)).toBe(true);
  });
});

describe.each(PAIRS)('$kind', (take) => {
  const create = (columns = COLUMNS) => createPairTake(take, columns, columns);

  it('does not depend on how the rows were cut into calls, to the bit', () => {
    const whole = collectPair(create(), [x, COLUMNS], [y, COLUMNS], WHOLE);
    expect(collectPair(create(), [x, COLUMNS], [y, COLUMNS], PIECES)).toEqual(whole);
  });

  it('refuses what is not finite, on either side', () => {
    const [good, bad] = [Float32Array.of(1, 2, 3), Float32Array.of(1, NaN, 3)];
    for (const [a, b] of [
      [good, bad],
      [bad, good],
    ]) {
      const accumulator = create(3);
      accumulator.add(a, 1, b);
      expect(() => accumulator.finish()).toThrow(NOT_FINITE);
    }
  });

  it('refuses an array of the wrong size on either side', () => {
    const sentence =
      "Captured activations hold 2 numbers, but 1 rows of 3 columns need 3; the captured value is not this layer's input.";
    const [good, short] = [new Float32Array(3), new Float32Array(2)];
    expect(() => create(3).add(good, 1, short)).toThrow(sentence);
    expect(() => create(3).add(short, 1, good)).toThrow(sentence);
  });
});
