import { describe, expect, it } from 'vitest';
import { between, moved, zoomed } from './camera.ts';

const WHOLE = { x: [0, 10], y: [0, 100] } as const;

describe('the camera', () => {
  it('zooms about what lies under the pointer', () => {
    expect(zoomed(WHOLE, WHOLE, 0.5, { x: 0.2, y: 1 })).toEqual({ x: [1, 6], y: [50, 100] });
    expect(zoomed(WHOLE, WHOLE, 0.5)).toEqual({ x: [2.5, 7.5], y: [25, 75] });
  });

  it('goes no deeper than a four-hundredth and no further out than twice', () => {
    const deep = zoomed(WHOLE, WHOLE, 1e-9);
    expect(deep.x[1] - deep.x[0]).toBeCloseTo(10 / 400, 12);
    expect(zoomed(WHOLE, WHOLE, 1e9).x).toEqual([-5, 15]);
  });

  it('goes back where it came from', () => {
    const there = zoomed(WHOLE, WHOLE, 0.5, { x: 0.3, y: 0.7 });
    const back = zoomed(there, WHOLE, 2, { x: 0.3, y: 0.7 });
    expect(back.x[0]).toBeCloseTo(0, 12);
    expect(back.y[1]).toBeCloseTo(100, 12);
  });

  it('moves by shares of what is seen', () => {
    expect(moved({ x: [2, 4], y: [0, 100] }, { x: 0.5, y: -0.1 })).toEqual({
      ...{ x: [3, 5], y: [-10, 90] },
    });
  });

  it('looks at what was dragged over, from either corner', () => {
    const part = { x: [2, 5], y: [10, 60] };
    const [a, b] = [
      { x: 0.5, y: 0.1 },
      { x: 0.2, y: 0.6 },
    ];
    expect(between(WHOLE, WHOLE, a, b)).toEqual(part);
    expect(between(WHOLE, WHOLE, b, a)).toEqual(part);
  });
});
