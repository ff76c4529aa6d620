import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fittingTicks, LINEAR, log10From, LOG2, ratioSets, symlog, tickSets } from './axis.ts';
import { evenTicks, roundTicks, sizeTicks } from './tick-text.ts';

const WIDTH = 600;
const plain = (text: string): string => text;

/** Ticks of a range that is 600 pixels long, every text 40 pixels with its gap. */
function ticksOf(transform: typeof LINEAR, low: number, high: number): number[] {
  const range = [transform.place(low), transform.place(high)] as const;
  const at = (value: number): number =>
    ((transform.place(value) - range[0]) / (range[1] - range[0])) * WIDTH;
  return fittingTicks(tickSets(transform, range), { at, needs: () => 40 });
}

describe('ticks', () => {
  it('tell neighbours apart however little lies between them', () => {
    const ticks = ticksOf(LINEAR, 3.5721, 3.5789);
    expect(evenTicks(ticks, plain)).toEqual([
      ...['3.5725', '3.5730', '3.5735', '3.5740', '3.5745', '3.5750', '3.5755', '3.5760'],
      ...['3.5765', '3.5770', '3.5775', '3.5780', '3.5785'],
    ]);
    expect(evenTicks([-0.5, 0, 0.5], plain)).toEqual(['−0.5', '0', '0.5']);
  });

  it('never say the same twice, lie inside and have room', () => {
    const low = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    const span = fc.double({ min: 1e-3, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(low, span, (from, by) => {
        const rounding = (Math.abs(from) + by) * 1e-12;
        for (const transform of [LINEAR, symlog(by / 50)]) {
          const ticks = ticksOf(transform, from, from + by);
          const texts = (transform === LINEAR ? evenTicks : roundTicks)(ticks, plain);
          expect(new Set(texts).size).toBe(texts.length);
          expect(ticks.length).toBeGreaterThanOrEqual(2);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(from - rounding);
            expect(tick).toBeLessThanOrEqual(from + by + rounding);
          }
        }
      }),
    );
  });

  it('of sizes are round on an axis of doublings, from a wide to a narrow one', () => {
    expect(sizeTicks(ticksOf(LOG2, 180_000, 1_300_000))).toEqual([
      ...['200 kB', '300 kB', '400 kB', '500 kB', '700 kB', '1 MB'],
    ]);
    expect(sizeTicks(ticksOf(LOG2, 271_000, 275_000))).toContain('272.5 kB');
    expect(sizeTicks(ticksOf(LOG2, 900, 2_100_000_000))).toEqual([
      ...['1 kB', '3 kB', '10 kB', '30 kB', '100 kB', '300 kB'],
      ...['1 MB', '3 MB', '10 MB', '30 MB', '100 MB', '300 MB', '1 GB'],
    ]);
  });

  it('of a logarithm name zero where it is drawn, and nothing below the least value', () => {
    const kl = log10From(-4.1, 4e-4);
    const ticks = ticksOf(kl, 10 ** -4.4, 15);
    expect(roundTicks(ticks, plain)).toEqual([
      ...['0', '0.001', '0.003', '0.01', '0.03', '0.1', '0.3', '1', '3', '10'],
    ]);
    expect(kl.place(0)).toBe(-4.1);
  });

  it('count times smaller in doublings', () => {
    expect(ratioSets(0.9, 7)[0]).toEqual([1, 1.5, 2, 3, 4, 6]);
    expect(ratioSets(0.9, 70)[2]).toEqual([1, 4, 16, 64]);
    expect(ratioSets(4.5, 4.7)[0]).toContain(4.6);
  });
});

describe('symlog', () => {
  /** Ticks of a range that is so many pixels long, as the quality axis chooses them. */
  const ticksIn = (linear: number, from: number, to: number, pixels: number, step: number) => {
    const transform = symlog(linear);
    const range = [transform.place(from), transform.place(to)] as const;
    const at = (value: number): number =>
      ((transform.place(value) - range[0]) / (range[1] - range[0])) * pixels;
    const ticks = fittingTicks(tickSets(transform, range), { at, needs: () => step });
    return { ticks, places: ticks.map(at) };
  };

  it('counts in decades from zero, however far the worst is off', () => {
    expect(ticksIn(1, -1.5, 230, 370, 44).ticks).toEqual([0, 3, 10, 30, 100]);
    expect(ticksIn(1, -2, 21_036, 370, 44).ticks).toEqual([0, 10, 100, 1000, 10_000]);
    expect(ticksIn(1, -2, 21_036, 370, 18).ticks).toContain(0);
    expect(ticksIn(1, -21_036, 2, 370, 44).ticks).toEqual([-10_000, -1000, -100, -10, 0]);
  });

  it('has zero, four ticks where there is room for them, and none on another', () => {
    const decades = fc.double({ min: 2, max: 6, noNaN: true });
    const below = fc.double({ min: 0.1, max: 30, noNaN: true });
    const linear = fc.double({ min: 1e-2, max: 10, noNaN: true });
    fc.assert(
      fc.property(linear, below, decades, fc.integer({ min: 200, max: 900 }), (...made) => {
        const [unit, under, power, pixels] = made;
        const { ticks, places } = ticksIn(unit, -under * unit, unit * 10 ** power, pixels, 24);
        expect(ticks).toContain(0);
        expect(ticks.length).toBeGreaterThanOrEqual(4);
        for (const [index, place] of places.slice(1).entries()) {
          expect(place - places[index]).toBeGreaterThanOrEqual(24 - 1e-6);
        }
      }),
    );
  });

  it('is its own inverse, odd, and level through zero', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), (value) => {
        const { place, value: back } = symlog(2);
        expect(back(place(value))).toBeCloseTo(value, 6);
        expect(place(-value)).toBeCloseTo(-place(value), 12);
      }),
    );
  });
});
