import { describe, expect, it } from 'vitest';
import { compareLogitsOracle, negativeLogLikelihoodOracle } from './compare-logits-oracle.ts';
import { compareLogits } from './compare-logits.ts';
import { negativeLogLikelihood } from './negative-log-likelihood.ts';
import { gaussian, uniform } from './testing.ts';

const worst = (a: Float64Array, b: Float64Array): number =>
  a.reduce((top, value, i) => Math.max(top, Math.abs(value - b[i])), 0);

/** Logits with the spread of a language model's, Q = P + noise. */
function pair(rows: number, vocabulary: number, noise: number) {
  const p = gaussian(rows * vocabulary, 21).map((v) => 3 * v - 5);
  const q = gaussian(rows * vocabulary, 22).map((v, i) => p[i] + noise * v);
  const next = uniform(4);
  const targets = Int32Array.from({ length: rows }, () => Math.floor(next() * vocabulary));
  return { p, q, targets };
}

describe('compareLogits', () => {
  it.each([1, 3, 4, 17, 128, 512, 5003])('agrees with float64 at vocabulary %i', (vocabulary) => {
    const rows = 40;
    for (const noise of [1e-3, 0.1, 1]) {
      const { p, q, targets } = pair(rows, vocabulary, noise);
      const ours = compareLogits(p, q, rows, vocabulary, targets);
      const oracle = compareLogitsOracle(p, q, rows, vocabulary, targets);
      // a = p − max p reaches −20: rounded to half an ulp of 16, 9.5e-7, in the worst entry.
      expect(worst(ours.kl, oracle.kl)).toBeLessThan(1e-6);
      expect(worst(ours.nllP, oracle.nllP)).toBeLessThan(1e-6);
      expect(worst(ours.nllQ, oracle.nllQ)).toBeLessThan(1e-6);
      expect(worst(ours.deltaP, oracle.deltaP)).toBeLessThan(1e-6);
      expect(ours.sameTop).toEqual(oracle.sameTop);
    }
  });

  it('KL of equal rows is exactly 0 and no KL is below −1e-7', () => {
    const { p, targets } = pair(50, 777, 0);
    expect(compareLogits(p, p, 50, 777, targets).kl).toEqual(new Float64Array(50));
    for (const noise of [1e-6, 1e-5, 1e-4, 1e-3]) {
      const near = pair(50, 777, noise);
      const { kl } = compareLogits(near.p, near.q, 50, 777, near.targets);
      expect(Math.min(...kl)).toBeGreaterThan(-1e-7);
    }
  });

  it('a shift of all logits changes nothing', () => {
    const { p, q, targets } = pair(10, 300, 0.5);
    const plain = compareLogits(p, q, 10, 300, targets);
    const shifted = compareLogits(
      p,
      q.map((v) => v + 64),
      10,
      300,
      targets,
    );
    expect(worst(plain.kl, shifted.kl)).toBeLessThan(2e-5);
  });

  it('the first of equal maxima counts as the top', () => {
    const p = Float32Array.of(0, 5, 5, 1, 0, 5, 5, 1);
    const q = Float32Array.of(0, 5, 1, 1, 0, 1, 5, 1);
    expect([...compareLogits(p, q, 2, 4, [1, 1]).sameTop]).toEqual([1, 0]);
  });

  it('masked logits (−∞ in both) add nothing; a NaN shows', () => {
    const p = Float32Array.of(1, 2, -Infinity, 3, NaN, 0, 0, 0);
    const { kl, nllP } = compareLogits(p, p, 2, 4, [0, 1]);
    expect(kl[0]).toBe(0);
    const z = Math.exp(1) + Math.exp(2) + Math.exp(3);
    expect(nllP[0]).toBeCloseTo(Math.log(z) - 1, 6);
    expect(kl[1]).toBeNaN();
  });
});

describe('negativeLogLikelihood', () => {
  it.each([1, 3, 130, 5003])('is what compareLogits finds at vocabulary %i', (vocabulary) => {
    const { p, q, targets } = pair(40, vocabulary, 1);
    const alone = negativeLogLikelihood(p, 40, vocabulary, targets);
    expect(alone).toEqual(compareLogits(p, q, 40, vocabulary, targets).nllP);
    const oracle = negativeLogLikelihoodOracle(p, 40, vocabulary, targets);
    expect(worst(alone, oracle)).toBeLessThan(1e-6);
  });
});
