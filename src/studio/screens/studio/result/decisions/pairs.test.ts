import { expect, it } from 'vitest';
import { pairsOf } from './pairs.ts';

it('pairs are rows with a prediction and what came of it', () => {
  const rows = [
    [1000, 0.5, 0.25],
    [900, 'unknown', 1],
  ];
  expect(pairsOf({ rows }, { expected: 1, measured: 2 })).toEqual({
    pairs: [{ name: '1000', expected: 0.5, measured: 0.25 }],
    largest: 0.5,
  });
  expect(pairsOf({ rows: [] }, { expected: 1, measured: 2 }).largest).toBeGreaterThan(0);
});
