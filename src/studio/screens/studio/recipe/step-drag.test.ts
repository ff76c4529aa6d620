import { expect, it } from 'vitest';
import { passedNeighbour } from './step-drag.ts';

it('a card changes places once the pointer has passed the middle of its neighbour, and not back', () => {
  const [small, tall] = [40, 300];
  const before = [
    { top: 0, bottom: small },
    { top: small, bottom: small + tall },
  ];
  expect(passedNeighbour(before, 0, small + tall / 2 - 1)).toBe(0);
  expect(passedNeighbour(before, 0, small + tall / 2 + 1)).toBe(1);
  const after = [
    { top: 0, bottom: tall },
    { top: tall, bottom: tall + small },
  ];
  expect(passedNeighbour(after, 1, small + tall / 2 + 1)).toBe(0);
  expect(passedNeighbour(after, 1, tall / 2 - 1)).toBe(-1);
  expect(passedNeighbour(before, 0, -100)).toBe(0);
  expect(passedNeighbour(before, 1, 1000)).toBe(0);
});
