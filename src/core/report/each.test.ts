import { describe, expect, it } from 'vitest';
import { perplexity } from '../metrics/perplexity.ts';
import { pairedDifference } from '../metrics/paired-difference.ts';
import { toMetric } from '../metrics/estimate.ts';
import { normal, seededRandom } from '../random/seeded.ts';
import { eachEstimate, eachMeasured, eachWindow, MOST_EACH, pairedEach } from './each.ts';

const random = seededRandom(7, 'losses');
const lengths = [40, 61, 12, 55, 80];
const losses = (shift: number) =>
  Float64Array.from({ length: 248 }, () => Math.max(0, 3 + shift + normal(random)));
const [p, q] = [losses(0), losses(0.001)];

describe('what each window came to', () => {
  it('makes up the perplexities and their paired difference again', () => {
    const each = eachWindow('perplexity', { original: p, compressed: q }, lengths);
    if (each === undefined) throw new Error('there are few enough');
    expect(each.counts).toEqual(lengths);
    expect(each.compressed[2]).toBeCloseTo(q.slice(101, 113).reduce((a, b) => a + b) / 12, 8);
    const [before, after] = [eachEstimate(each, 'original'), eachEstimate(each)];
    if (before === undefined || after === undefined) throw new Error('both were measured');
    const wanted = pairedDifference(perplexity(p, lengths), perplexity(q, lengths));
    const found = pairedDifference(before, after);
    expect(found.value / wanted.value).toBeCloseTo(1, 6);
    expect(found.standardError / wanted.standardError).toBeCloseTo(1, 6);
    expect(found.n).toBe(248);
    expect(toMetric(after).value).toBeCloseTo(perplexity(q, lengths).value, 7);
  });

  it('is every position of a single window, which its error comes from', () => {
    const each = eachWindow('perplexity', { compressed: q }, [248]);
    expect(each).not.toHaveProperty('counts');
    expect(each?.compressed).toHaveLength(248);
    expect(each && eachEstimate(each, 'original')).toBeUndefined();
  });

  it('compares two models on the same windows, and refuses others', () => {
    const a = { metric: 'accuracy', compressed: [1, 1, 0, 1] } as const;
    const b = { metric: 'accuracy', compressed: [1, 0, 0, 0] } as const;
    const found = pairedEach(a, b);
    // By hand: differences 0, −1, 0, −1; mean −1/2, SE √(4·(1/4)/(3·4)).
    expect(found?.value).toBe(-0.5);
    expect(found?.standardError).toBeCloseTo(Math.sqrt(1 / 12), 12);
    expect(pairedEach(a, { ...b, metric: 'kl' })).toBeUndefined();
    expect(pairedEach(a, { ...b, counts: [2, 1, 1, 1] })).toBeUndefined();
    expect(pairedEach(a, { ...b, compressed: [1, 0, 0] })).toBeUndefined();
  });

  it('is left out where there are too many, and short otherwise', () => {
    expect(eachMeasured('kl', { compressed: new Float64Array(MOST_EACH + 1) })).toBeUndefined();
    expect(eachMeasured('kl', { compressed: [1, Infinity] })).toBeUndefined();
    const kept = eachMeasured('kl', { compressed: [1 / 3], counts: [1] });
    expect(kept).toEqual({ metric: 'kl', compressed: [0.3333333333] });
  });
});
