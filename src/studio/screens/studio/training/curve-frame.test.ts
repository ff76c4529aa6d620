import { describe, expect, it } from 'vitest';
import { frameOf, thinned } from './curve-frame.ts';

describe('frameOf', () => {
  it('has room for every loss and every error bar', () => {
    const frame = frameOf({ curve: [[1, 2.1]], validation: [[0, 2.4, 0.2]], steps: 4 }, 400, 160);
    expect(frame?.losses[0]).toBeLessThanOrEqual(2.1);
    expect(frame?.losses.at(-1)).toBeGreaterThanOrEqual(2.6);
    expect(frame?.x(0)).toBe(frame?.left);
    expect(frame?.x(4)).toBe(frame?.right);
    expect(frame?.y(frame.losses[0])).toBe(frame?.bottom);
  });

  it('marks whole steps only, none after the last', () => {
    const frame = frameOf({ curve: [[1, 2]], validation: [], steps: 2 }, 800, 160);
    expect(frame?.steps).toEqual([0, 1, 2]);
  });

  it('is nothing without a loss to show', () => {
    const broken = { curve: [[1, NaN]] as const, validation: [], steps: 2 };
    expect(frameOf(broken, 400, 160)).toBeUndefined();
  });
});

describe('thinned', () => {
  it('keeps a short curve as it is, and the last step and the mean of a long one', () => {
    const short = [[1, 2]] as const;
    expect(thinned(short)).toBe(short);
    const long = Array.from({ length: 1000 }, (_, at) => [at + 1, at % 2] as const);
    const few = thinned(long);
    expect(few).toHaveLength(250);
    expect(few.at(-1)).toEqual([1000, 0.5]);
  });
});
