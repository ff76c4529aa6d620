import fc from 'fast-check';
import { expect, it } from 'vitest';
import { niceTicks } from './nice-ticks.ts';

it('chooses round ticks that enclose the values', () => {
  expect(niceTicks(3.487, 3.98, 6)).toEqual([3.4, 3.5, 3.6, 3.7, 3.8, 3.9, 4]);
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      (low, span) => {
        const ticks = niceTicks(low, low + span, 6);
        const slack = span * 1e-6;
        expect(ticks[0]).toBeLessThanOrEqual(low + slack);
        expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(low + span - slack);
        expect(ticks.length).toBeLessThanOrEqual(9);
      },
    ),
  );
});
