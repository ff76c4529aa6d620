import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '../../../src/core/random/seeded.ts';
import { bagOfWords, wordColumns, wordsOf } from './bag-of-words.ts';
import { minimise } from './lbfgs.ts';
import { classify, crossEntropy, trainLogisticRegression } from './logistic-regression.ts';
import { sparseFromDense, sparseRows } from './sparse-rows.ts';

const random = seededRandom(3, 'regression');
const WIDTH = 5;
const CLASSES = 3;
const dense = Float32Array.from({ length: 60 * WIDTH }, () =>
  random.next() < 0.4 ? 0 : normal(random),
);
const labels = Array.from({ length: 60 }, () => Math.floor(random.next() * CLASSES));
const rows = sparseFromDense(dense, WIDTH);

describe('sparse rows', () => {
  it('hold a dense matrix without its zeros', () => {
    const { starts, columns, values } = sparseFromDense([0, 2, 0, 4, 0, 6], 3, 0.5);
    expect([[...starts], [...columns], [...values]]).toEqual([
      [0, 1, 3],
      [1, 0, 2],
      [1, 2, 3],
    ]);
    const lists = [
      [[1, 1] as const, [2, 0] as const],
      [[0, 2] as const, [2, 3] as const],
    ];
    expect(sparseRows(lists, 3)).toEqual(sparseFromDense([0, 2, 0, 4, 0, 6], 3, 0.5));
  });
});

describe('crossEntropy', () => {
  it('has the gradient of central differences', () => {
    const f = crossEntropy(rows, labels, CLASSES, 0.05);
    const x = Float64Array.from({ length: CLASSES * (WIDTH + 1) }, () => normal(random));
    const gradient = new Float64Array(x.length);
    f(x, gradient);
    const step = 1e-6;
    const unused = new Float64Array(x.length);
    for (let k = 0; k < x.length; k++) {
      const [up, down] = [step, -step].map((h) => f(x.with(k, x[k] + h), unused));
      expect(Math.abs((up - down) / (2 * step) - gradient[k])).toBeLessThan(1e-8);
    }
  });

  it('is log(classes) at zero', () => {
    const f = crossEntropy(rows, labels, CLASSES, 1);
    const zero = new Float64Array(CLASSES * (WIDTH + 1));
    expect(f(zero, zero.slice())).toBeCloseTo(Math.log(3), 12);
  });
});

describe('minimise', () => {
  it('finds the minimum of an ill-conditioned quadratic', () => {
    const scales = [1, 100, 10000];
    const result = minimise(
      (x, gradient) => {
        scales.forEach((scale, i) => (gradient[i] = scale * (x[i] - i)));
        return scales.reduce((sum, scale, i) => sum + (scale / 2) * (x[i] - i) ** 2, 0);
      },
      new Float64Array([5, 5, 5]),
      { iterations: 200, tolerance: 1e-8 },
    );
    expect(result.converged).toBe(true);
    result.x.forEach((value, i) => expect(value).toBeCloseTo(i, 7));
  });
});

describe('trainLogisticRegression', () => {
  it('ends where the gradient vanishes, at the same place from the same data', () => {
    const options = { classes: CLASSES, penalty: 0.01, tolerance: 1e-7 };
    const fit = trainLogisticRegression(rows, labels, options);
    expect(fit.converged).toBe(true);
    expect(fit.loss).toBeLessThan(Math.log(3));
    expect(trainLogisticRegression(rows, labels, options).weights).toEqual(fit.weights);
    // the optimum of a softmax model without penalty on biases matches the class frequencies
    const gradient = new Float64Array(fit.weights.length);
    crossEntropy(rows, labels, CLASSES, 0.01)(fit.weights, gradient);
    for (const value of gradient) expect(Math.abs(value)).toBeLessThan(1e-7);
  });

  it('separates what a line can separate', () => {
    const data = Float32Array.from({ length: 200 }, () => normal(random));
    const sides = Array.from({ length: 100 }, (_, r) => Number(data[2 * r] > data[2 * r + 1]));
    const plane = sparseFromDense(data, 2);
    const fit = trainLogisticRegression(plane, sides, { classes: 2, penalty: 1e-5 });
    const wrong = classify(fit, plane).filter((side, r) => side !== sides[r]).length;
    expect(wrong).toBeLessThanOrEqual(1);
  });

  it('refuses labels that do not fit', () => {
    expect(() =>
      trainLogisticRegression(rows, labels.with(0, 3), { classes: 3, penalty: 0 }),
    ).toThrow(
      'A classifier cannot be fitted to the label 3 among 3 classes; give every example one label from 0 to 2.',
    );
    expect(() => trainLogisticRegression(rows, [0], { classes: 3, penalty: 0 })).toThrow(
      'A classifier cannot be fitted to 1 labels for 60 examples; give every example one label from 0 to 2.',
    );
    const fit = trainLogisticRegression(rows, labels, { classes: 3, penalty: 1, iterations: 1 });
    expect(() => classify(fit, sparseFromDense([1], 1))).toThrow(
      'A classifier of 5 features cannot judge examples of 1; make them with the same vocabulary.',
    );
  });
});

describe('bagOfWords', () => {
  it('counts words in lower case and leaves rare ones out', () => {
    expect(wordsOf("Don't PAY $99!")).toEqual(["don't", 'pay', '$', '99', '!']);
    const texts = ['a b b', 'B c', 'c c d'];
    const columns = wordColumns(texts);
    expect([...columns.keys()]).toEqual(['b', 'c']);
    const bags = bagOfWords(['b b b c d'], columns);
    expect([...bags.columns]).toEqual([0, 1]);
    const length = Math.hypot(Math.log(4), Math.log(2));
    expect(bags.values[0]).toBeCloseTo(Math.log(4) / length, 6);
    expect(bags.values[1]).toBeCloseTo(Math.log(2) / length, 6);
  });
});
