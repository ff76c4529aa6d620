import { describe, expect, it } from 'vitest';
import { vector } from '../../../../../test/golden/load.ts';
import { owlResults } from '../../../../../test/golden/sparse.ts';
import { OutlierRatio, owlSparsities } from './owl.ts';

const W = vector('W');
const squares = vector('wanda_sr');

/** Of layer k: the golden case's metric is |W|·(‖X‖²/8)^(k/4). */
const norms = Array.from({ length: 6 }, (_, k) => squares.map((value) => value ** (k / 4)));

function ratiosOf(m: number): number[] {
  return norms.map((norm) => {
    const ratio = new OutlierRatio(m);
    ratio.mean(W, norm);
    ratio.count(W, norm);
    return ratio.ratio;
  });
}

describe.each(owlResults())('M $Hyper_m, λ $Lamda, sparsity $sparsity', (result) => {
  const ratios = ratiosOf(result.Hyper_m);

  it('counts the reference’s outliers', () => {
    ratios.forEach((ratio, k) => {
      expect(100 * ratio).toBeCloseTo(result.outlier_ratio_percent[k], 4);
    });
  });

  it('gives the reference’s sparsities', () => {
    const { Lamda: band, sparsity } = result;
    owlSparsities(ratios, { sparsity, band }).forEach((found, k) => {
      expect(found).toBeCloseTo(result.layer_sparsity[k], 6);
    });
  });
});

describe('owlSparsities', () => {
  it('keeps the total where layers differ in size', () => {
    const sizes = [1, 4, 10];
    const found = owlSparsities([0.01, 0.05, 0.02], { sparsity: 0.6, band: 0.1, sizes });
    expect(found.reduce((sum, s, i) => sum + s * sizes[i], 0)).toBeCloseTo(0.6 * 15, 10);
    expect(Math.max(...found) - Math.min(...found)).toBeCloseTo(0.2, 10);
  });

  it.each([0.02, 0.95])('narrows the band before a layer loses all or gains weights: %s', (s) => {
    const found = owlSparsities([0.01, 0.05, 0.02], { sparsity: s, band: 0.3 });
    expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...found)).toBeLessThanOrEqual(0.99 + 1e-12);
    expect(found.reduce((a, b) => a + b, 0) / 3).toBeCloseTo(s, 10);
  });

  it('is uniform where layers are alike', () => {
    expect(owlSparsities([0.02, 0.02], { sparsity: 0.5, band: 0.08 })).toEqual([0.5, 0.5]);
  });
});
