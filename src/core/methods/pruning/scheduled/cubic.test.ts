import { describe, expect, it } from 'vitest';
import { endOf, prunesAt, rampOf, sparsityAt } from './cubic.ts';

const OPTIONS = { steps: 200, start: 20, interval: 10, until: 0.7 };

describe('the cubic ramp', () => {
  const ramp = rampOf(OPTIONS, 0.1, 0.9);

  it('is that of Zhu & Gupta, equation (1), at every pruning', () => {
    const times = Array.from({ length: 200 }, (_, step) => step).filter((t) => prunesAt(t, ramp));
    expect(times).toEqual([20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140]);
    const [n, dt, t0] = [12, 10, 20];
    for (const t of times) {
      const left = 1 - (t - t0) / (n * dt);
      expect(sparsityAt(t, ramp)).toBeCloseTo(0.9 - 0.8 * left * left * left, 14);
    }
  });

  it('has half its way behind it after a fifth of its time, and ends exactly where it should', () => {
    expect(sparsityAt(20, ramp)).toBeCloseTo(0.1, 14);
    // 1 − (1 − ¼)³ = 37/64
    expect(sparsityAt(50, ramp)).toBeCloseTo(0.1 + (0.8 * 37) / 64, 14);
    expect(sparsityAt(140, ramp)).toBe(0.9);
    expect(sparsityAt(190, ramp)).toBe(0.9);
  });
});

describe('a ramp that does not fit the steps', () => {
  it.each([
    ['ends before the last step', { ...OPTIONS, until: 1 }, 190],
    ['has one pruning at its end where the interval is longer', { ...OPTIONS, interval: 500 }, 140],
    ['prunes at once where it would end before it starts', { ...OPTIONS, until: 0 }, 20],
    ['a single step', { steps: 1, start: 0, interval: 10, until: 0.7 }, 0],
  ])('%s', (_name, options, end) => {
    const ramp = rampOf(options, 0, 0.5);
    expect(endOf(ramp)).toBe(end);
    expect(prunesAt(end, ramp)).toBe(true);
    expect(sparsityAt(end, ramp)).toBe(0.5);
    expect(end).toBeLessThan(options.steps);
  });
});
