import { describe, expect, it } from 'vitest';
import { bestWithin, widestLead, type Point } from './frontier-points.ts';

const point = (name: string, bytes: number, kl: number): Point => ({
  name,
  bytes,
  kl: { value: kl, standardError: 0.001, n: 10 },
});

const single = [point('q4', 100, 0.1), point('q3', 75, 0.4), point('q2', 50, 2)];

describe('points of a frontier', () => {
  it('the best single file is the one of least loss that fits', () => {
    expect(bestWithin(single, 80)?.name).toBe('q3');
    expect(bestWithin(single, 49)).toBeUndefined();
  });

  it('a joint file leads where all single ones of its size lose more', () => {
    const joint = [point('a', 100, 0.09), point('b', 76, 0.2)];
    expect(widestLead(joint, single)).toMatchObject({
      joint: { name: 'b' },
      single: { name: 'q3' },
      ratio: 0.5,
    });
    expect(widestLead([point('d', 100, 0.2)], single)?.ratio).toBeGreaterThan(1);
    expect(widestLead([], single)).toBeUndefined();
  });

  it('one smaller than every single file is held against the smallest', () => {
    const lead = widestLead([point('c', 40, 0.5)], single);
    expect(lead).toMatchObject({ single: { name: 'q2' }, ratio: 0.25 });
  });
});
