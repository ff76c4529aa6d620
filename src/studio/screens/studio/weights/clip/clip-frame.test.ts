import { describe, expect, it } from 'vitest';
import { clipFrame, LEFT, lowestOf, placedMarks } from './clip-frame.ts';

const ratios = Float64Array.from({ length: 71 }, (_, i) => 0.25 + (i * 1.05) / 70);
const errors = ratios.map((ratio) => 0.01 * (1 + 40 * (ratio - 0.8) ** 2));
const size = { width: 600, height: 200, top: 40 };

describe('the frame of error against clip', () => {
  it('shows where the error is near its lowest, and every mark', () => {
    const marks = [{ ratio: 1, error: 0.026 }];
    const { x, y, from, to, ticks } = clipFrame({ ratios, errors }, marks, size);
    expect(from).toBeGreaterThan(0.4);
    expect(to).toBeGreaterThanOrEqual(1);
    expect(x(from)).toBe(LEFT);
    expect(y(0.01)).toBeGreaterThan(y(0.026));
    expect(ticks.length).toBeGreaterThan(1);
    expect(lowestOf(ratios, errors).ratio).toBeCloseTo(0.8, 1);
  });

  it('puts names side by side, in the order of their marks', () => {
    const frame = clipFrame({ ratios, errors }, [], size);
    const marks = ['a', 'b', 'c'].map((name) => ({ name, ratio: 0.8, error: 0.01 }));
    const places = placedMarks(marks, frame, () => 50, 600).map(({ labelX }) => labelX ?? NaN);
    expect(places[1] - places[0]).toBeGreaterThanOrEqual(50);
    expect(places[2] - places[1]).toBeGreaterThanOrEqual(50);
    expect((places[0] + places[2]) / 2).toBeCloseTo(frame.x(0.8), 5);
  });

  it('leaves names to the list below where they have no room', () => {
    const frame = clipFrame({ ratios, errors }, [], size);
    const marks = ['a', 'b', 'c'].map((name) => ({ name, ratio: 0.8, error: 0.01 }));
    expect(
      placedMarks(marks, frame, () => 50, 150).every(({ labelX }) => labelX === undefined),
    ).toBe(true);
  });
});
