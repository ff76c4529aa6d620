import { LatheError } from '../../../src/core/errors/lathe-error.ts';
import { minimise } from './lbfgs.ts';
import type { Objective } from './lbfgs.ts';
import type { SparseRows } from './sparse-rows.ts';

export interface LogisticRegressionOptions {
  readonly classes: number;
  /** λ of the penalty λ/2·‖W‖² (biases are free), beside the mean cross-entropy. */
  readonly penalty: number;
  /** Most L-BFGS steps; 200 unless stated. */
  readonly iterations?: number;
  /** Done when the largest partial derivative is at most this; 1e-5 unless stated. */
  readonly tolerance?: number;
}

/** A linear softmax classifier. */
export interface LinearClassifier {
  /** [classes, width + 1]: the last column is the bias. */
  readonly weights: Float64Array;
  readonly classes: number;
  readonly width: number;
  /** Mean cross-entropy plus penalty at the end, in nats. */
  readonly loss: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Multinomial logistic regression: minimises (1/n)Σ −log softmax(W·x + b)[label] + λ/2·‖W‖² from
 * zero by L-BFGS. Convex, so the same data gives the same classifier.
 * @throws LatheError `regression-data` (no examples, or labels that do not fit)
 */
export function trainLogisticRegression(
  rows: SparseRows,
  labels: ArrayLike<number>,
  options: LogisticRegressionOptions,
): LinearClassifier {
  const { classes, penalty, iterations = 200, tolerance = 1e-5 } = options;
  checkLabels(rows, labels, classes);
  const objective = crossEntropy(rows, labels, classes, penalty);
  const start = new Float64Array(classes * (rows.width + 1));
  const found = minimise(objective, start, { iterations, tolerance });
  return {
    weights: found.x,
    classes,
    width: rows.width,
    loss: found.value,
    iterations: found.iterations,
    converged: found.converged,
  };
}

/** The most probable class of each row, the first of equals. */
export function classify({ weights, classes, width }: LinearClassifier, rows: SparseRows) {
  if (rows.width !== width) throw widthError(rows.width, width);
  const scores = new Float64Array(classes);
  return Int32Array.from({ length: rows.count }, (_, row) => {
    scoreRow(weights, rows, row, scores);
    return scores.indexOf(Math.max(...scores));
  });
}

/** The objective that {@link trainLogisticRegression} minimises, with its gradient (p − y)·xᵀ/n + λW. */
export function crossEntropy(
  rows: SparseRows,
  labels: ArrayLike<number>,
  classes: number,
  penalty: number,
): Objective {
  const stride = rows.width + 1;
  const p = new Float64Array(classes);
  return (weights, gradient) => {
    let loss = penalise(weights, gradient, penalty, stride);
    for (let row = 0; row < rows.count; row++) {
      scoreRow(weights, rows, row, p);
      loss += softmaxLoss(p, labels[row]) / rows.count;
      p[labels[row]] -= 1;
      addOuter(gradient, p, rows, row);
    }
    return loss;
  };
}

/** λ/2·‖W‖² and its gradient; biases stay free. Overwrites `gradient`. */
function penalise(weights: Float64Array, gradient: Float64Array, penalty: number, stride: number) {
  let sum = 0;
  for (let k = 0; k < weights.length; k++) {
    const weight = k % stride === stride - 1 ? 0 : weights[k];
    gradient[k] = penalty * weight;
    sum += weight * weight;
  }
  return (penalty / 2) * sum;
}

function scoreRow(weights: Float64Array, rows: SparseRows, row: number, scores: Float64Array) {
  const { starts, columns, values, width } = rows;
  for (let c = 0; c < scores.length; c++) {
    const base = c * (width + 1);
    let sum = weights[base + width];
    for (let k = starts[row]; k < starts[row + 1]; k++)
      sum += weights[base + columns[k]] * values[k];
    scores[c] = sum;
  }
}

/** −log softmax(scores)[label]; turns the scores into probabilities. */
function softmaxLoss(scores: Float64Array, label: number): number {
  const top = Math.max(...scores);
  const chosen = scores[label] - top;
  let total = 0;
  for (let c = 0; c < scores.length; c++) total += scores[c] = Math.exp(scores[c] - top);
  for (let c = 0; c < scores.length; c++) scores[c] /= total;
  return Math.log(total) - chosen;
}

function addOuter(gradient: Float64Array, p: Float64Array, rows: SparseRows, row: number): void {
  const { starts, columns, values, width, count } = rows;
  for (let c = 0; c < p.length; c++) {
    const base = c * (width + 1);
    const factor = p[c] / count;
    gradient[base + width] += factor;
    for (let k = starts[row]; k < starts[row + 1]; k++) {
      gradient[base + columns[k]] += factor * values[k];
    }
  }
}

function checkLabels(rows: SparseRows, labels: ArrayLike<number>, classes: number): void {
  const odd = Array.from(labels).find((l) => !Number.isInteger(l) || l < 0 || l >= classes);
  if (rows.count > 0 && labels.length === rows.count && odd === undefined) return;
  const what =
    odd === undefined
      ? `${labels.length} labels for ${rows.count} examples`
      : `the label ${odd} among ${classes} classes`;
  throw new LatheError(
    'regression-data',
    `A classifier cannot be fitted to ${what}; give every example one label from 0 to ${classes - 1}.`,
  );
}

function widthError(found: number, expected: number): LatheError {
  return new LatheError(
    'regression-data',
    `A classifier of ${expected} features cannot judge examples of ${found}; make them with the same vocabulary.`,
  );
}
