import { expect, it } from 'vitest';
import { setsOf } from './groups.ts';

it.each([
  [
    6,
    2,
    'neighbours',
    [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
  ],
  [5, 2, 'neighbours', [[0, 1], [2, 3], [4]]],
  [
    6,
    2,
    'cycle',
    [
      [0, 3],
      [1, 4],
      [2, 5],
    ],
  ],
  [
    5,
    3,
    'cycle',
    [
      [0, 2, 4],
      [1, 3],
    ],
  ],
  [6, 4, 'sandwich', [[0], [1, 2, 3, 4], [5]]],
  [2, 2, 'sandwich', [[0, 1]]],
  [1, 2, 'neighbours', [[0]]],
] as const)('puts %i blocks into sets of %i: %s', (depth, size, arrangement, sets) => {
  expect(setsOf(depth, size, arrangement)).toEqual(sets);
});
