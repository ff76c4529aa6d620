import { describe, expect, it } from 'vitest';
import { fakeInputs } from '../../../../testing/fake-inputs.ts';
import { channelOrder, decades, outliersOf, profiles } from './outliers.ts';
import { asOption, barsOf, rangeFacts, wholeRange } from './range-frame.ts';

const profile = fakeInputs({ layer: 'a' });

describe('the range of inputs', () => {
  it('reaches from the least to the largest number, zero within', () => {
    const [low, high] = wholeRange(profile);
    expect(low).toBeLessThan(-1);
    expect(high).toBeCloseTo(7, 1);
    const above = profile.counts.map((count, bin) => (bin < 1400 ? 0 : count));
    expect(wholeRange({ counts: above, limit: 8 })[0]).toBe(0);
    expect(wholeRange({ counts: new Float64Array(2048), limit: 0 })).toEqual([0, 0]);
  });

  it('cutting the bulk costs more than it gains, and a tail less', () => {
    const facts = rangeFacts(profile, 256);
    const [whole, wide, narrow] = [wholeRange(profile), [-2.4, 7], [-0.2, 0.2]] as const;
    expect(facts(narrow as [number, number]).error).toBeGreaterThan(facts(whole).error);
    expect(facts(narrow as [number, number]).cut).toBeGreaterThan(0.5);
    expect(facts(whole).cut).toBe(0);
    expect(facts(wide as [number, number]).step).toBeLessThan(facts(whole).step * 1.01);
  });

  it('becomes an option with six digits and zero within', () => {
    expect(asOption([-1.23456789, 2])).toEqual([-1.23457, 2]);
    expect(asOption([0.5, 2])).toEqual([0, 2]);
  });

  it('is drawn in no more bars than there are pixels, of the same numbers', () => {
    const bars = barsOf(profile, wholeRange(profile), 300);
    expect(bars.length).toBeLessThanOrEqual(301);
    const all = profile.counts.reduce((sum, count) => sum + count, 0);
    const per = bars[0].to - bars[0].from;
    const width = 16 / 2048;
    const drawn = bars.reduce((sum, { count }) => sum + count * Math.round(per / width), 0);
    expect(drawn / all).toBeCloseTo(1, 2);
  });
});

describe('outlier channels', () => {
  it('are those far above the median, and folding takes them in', () => {
    const step = { method: 'x', target: 'all' as const, options: {} };
    const { before, after } = profiles(fakeInputs({ layer: 'a', step }));
    expect(before.beyond).toEqual([17, 40]);
    expect(after?.beyond).toEqual([]);
    expect(profiles(profile).after).toBeUndefined();
    const measured = Float32Array.from({ length: 64 }, () => 2);
    expect(profiles({ ...profile, measured })).toMatchObject({
      from: 'file',
      after: { largest: 2 },
    });
    expect(outliersOf([0, 0, 0]).beyond).toEqual([]);
  });

  it('come first by size, and lie within the decades drawn', () => {
    const { before } = profiles(profile);
    expect(channelOrder(before, true).slice(0, 2)).toEqual([17, 40]);
    expect(channelOrder(before, false)[17]).toBe(17);
    const [low, high] = decades([before]);
    expect(10 ** high).toBeGreaterThan(before.largest);
    expect(low).toBeLessThan(Math.log10(before.median));
    expect(decades([outliersOf([0, 0])])).toEqual([-1, 1]);
  });
});
