import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import { gapBitsFor, gapsOf, largestGap, withinReach } from './gaps.ts';

function ranked(count: number, from: readonly number[]): Int32Array {
  const rest = Array.from({ length: count }, (_, i) => i).filter((i) => !from.includes(i));
  return Int32Array.from([...from, ...rest]);
}

describe('positions within reach of one another', () => {
  it('are the first of the ranking where these lie close enough', () => {
    const first = [900, 20, 300, 501, 700, 100];
    expect([...withinReach(ranked(1000, first), 6, 255)]).toEqual([20, 100, 300, 501, 700, 900]);
  });

  it('bridge what is too far with as few as it takes', () => {
    // 600 … 1999 all rank first, and 0 … 600 has to be crossed by 255 and 510.
    const first = Array.from({ length: 1400 }, (_, i) => 600 + i);
    const found = withinReach(ranked(2000, first), 100, 255);
    expect([...found]).toEqual([255, 510, ...first.slice(0, 98)]);
  });

  it.each([8, 9, 10, 12, 16] as const)(
    'at %i bits are as many as planned, and read back',
    (bits) => {
      const random = seededRandom(4, 'gaps');
      for (const share of [2, 5, 40]) {
        const count = Math.floor(2 ** bits * share * (1 + random.next()));
        const keep = Math.ceil(count / largestGap(bits)) + Math.floor(random.next() * 20);
        // As uneven as it gets: everything wanted lies at the end.
        const order = Int32Array.from({ length: keep }, (_, i) => count - 1 - i);
        const found = withinReach(order, keep, largestGap(bits));
        expect(found).toHaveLength(keep);
        const gaps = gapsOf(found);
        let at = 0;
        found.forEach((position, i) => {
          at += gaps[i];
          expect(at).toBe(position);
          expect(gaps[i]).toBeLessThan(2 ** bits);
          if (i > 0) expect(position).toBeGreaterThan(found[i - 1]);
        });
      }
    },
  );

  it('take more bits the fewer there are', () => {
    const widths = [0.05, 0.02, 0.01, 0.005, 0.002, 0.0005].map((s) => gapBitsFor(s * 1e6, 1e6));
    expect(widths).toEqual([8, 8, 9, 10, 12, 16]);
    expect(gapBitsFor(50, 1e4)).toBe(16);
  });
});
