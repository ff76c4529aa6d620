import { describe, expect, it } from 'vitest';
import type { SampleFrontier } from '../../core/data/samples.ts';
import { drawFrontier, tellingPoint } from './telling.ts';

const point = (name: string, bytes: number, value: number) => ({
  ...{ name, bytes, value },
  standardError: 0.1,
});

const spoken: SampleFrontier = {
  metric: 'perplexity',
  original: { bytes: 1600, value: 3.5, standardError: 0.1 },
  points: [
    point('eight', 400, 3.5),
    point('worse', 500, 3.8),
    point('four', 200, 3.8),
    point('three', 100, 5.6),
  ],
};

describe('tellingPoint', () => {
  it('is the smallest whose perplexity grew by no more than a tenth', () => {
    expect(tellingPoint(spoken).name).toBe('four');
  });

  it('is the smallest whose accuracy fell by no more than a point', () => {
    const frontier: SampleFrontier = {
      metric: 'accuracy',
      original: { bytes: 1600, value: 0.81, standardError: 0.01 },
      points: [point('four', 200, 0.802), point('three', 150, 0.79), point('two', 100, 0.3)],
    };
    expect(tellingPoint(frontier).name).toBe('four');
  });

  it('is the least bad where nothing is good', () => {
    const points = [point('a', 100, 60), point('b', 120, 20)];
    expect(tellingPoint({ ...spoken, points }).name).toBe('b');
  });
});

describe('drawFrontier', () => {
  const frame = { width: 110, height: 60, left: 5, right: 5, top: 4, bottom: 6 };

  it('places sizes by their logarithm and better values higher, with room for the bars', () => {
    const { original, points } = drawFrontier(spoken, frame);
    // 100, 200, 400 and 1600 bytes are 0, 1, 2 and 4 of 4 doublings.
    expect(original).toEqual({
      x: 105,
      y: expect.closeTo(4 + (0.1 / 2.3) * 50, 6) as number,
      error: expect.closeTo((0.1 / 2.3) * 50, 6) as number,
    });
    const places = Object.fromEntries(points.map(({ point: { name }, x, y }) => [name, [x, y]]));
    expect(places['eight'][0]).toBeCloseTo(55, 6);
    expect(places['four'][0]).toBeCloseTo(30, 6);
    expect(places['three'][0]).toBeCloseTo(5, 6);
    expect(places['three'][1]).toBeGreaterThan(places['four'][1]);
    expect(points.filter(({ best }) => best).map(({ point: { name } }) => name)).toEqual([
      'eight',
      'four',
      'three',
    ]);
  });

  it('draws the frontier as steps from the smallest to the original', () => {
    const { line } = drawFrontier(spoken, frame);
    expect(line.startsWith('M5.0 ')).toBe(true);
    expect(line.match(/H/g)).toHaveLength(3);
    expect(line).toContain('H105.0');
  });

  it('turns accuracy round: more is higher', () => {
    const { points } = drawFrontier({ ...spoken, metric: 'accuracy' }, frame);
    const y = (name: string) => points.find(({ point }) => point.name === name)?.y ?? NaN;
    expect(y('three')).toBeLessThan(y('four'));
  });
});
