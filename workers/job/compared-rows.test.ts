import { describe, expect, it } from 'vitest';
import { comparedRows, likeliest } from './compared-rows.ts';

describe('the likeliest tokens', () => {
  it('come most likely first, the first of equals first, with softmax probabilities', () => {
    const top = likeliest(Float32Array.of(0, Math.log(2), Math.log(4), Math.log(2)));
    expect(top.map(({ id }) => id)).toEqual([2, 1, 3]);
    [4 / 9, 2 / 9, 2 / 9].forEach((p, at) => expect(top[at].probability).toBeCloseTo(p, 6));
  });

  it('are all there are where there are few', () => {
    expect(likeliest(Float32Array.of(0, 1)).map(({ id }) => id)).toEqual([1, 0]);
  });
});

describe('rows compared', () => {
  it('give the KL of the two and the probability of what stands there, by hand', () => {
    const p = Float32Array.of(Math.log(3), 0, 0, 0);
    const q = Float32Array.of(0, 0, 0, 0);
    const [first, second] = comparedRows(p, q, 2, Int32Array.of(1, 0));
    expect(first.p.probability).toBeCloseTo(0.25, 6);
    expect(first.q.probability).toBeCloseTo(0.5, 6);
    expect(first.kl).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6);
    expect(second.kl).toBeCloseTo(0, 9);
  });
});
