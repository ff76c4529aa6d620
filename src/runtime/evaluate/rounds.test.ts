import { describe, expect, it } from 'vitest';
import { Rounds } from './rounds.ts';
import type { SoFar } from './types.ts';

const NOTHING = { original: {}, compressed: {}, difference: {} };

/** How far an evaluation was each time it said something, and how many values that took a look at. */
function said(of: number, msPerWindow: number, enough: (done: number) => boolean = () => false) {
  const told: number[] = [];
  let [now, looks, done] = [0, 0, 0];
  const interim = (soFar: SoFar): void => void told.push(soFar.done);
  const rounds = new Rounds({ interim, enough: () => enough(done) }, of, () => now);
  for (done = 1; done <= of; done++) {
    now += msPerWindow;
    const over = rounds.over(done, () => {
      looks += done;
      return NOTHING;
    });
    if (over) break;
  }
  return { told, looks, ending: rounds.ending };
}

describe('an evaluation in rounds', () => {
  it('speaks after the first few windows, then ever more rarely, and not of the last', () => {
    expect(said(60, 600).told).toEqual([4, 6, 8, 11, 15, 20, 26, 34, 45, 59]);
  });

  it('speaks twice a second at most', () => {
    expect(said(60, 10).told).toEqual([4, 54]);
    expect(said(3, 1000).told).toEqual([]);
  });

  it('looks at each value a few times only, however many there are', () => {
    expect(said(10_000, 600).looks).toBeLessThan(5 * 10_000);
  });

  it('ends where that is enough, but not behind the last', () => {
    expect(said(60, 10, (done) => done >= 20).ending).toEqual({ stopped: { done: 20, of: 60 } });
    expect(said(20, 10, (done) => done >= 20).ending).toEqual({});
  });
});
