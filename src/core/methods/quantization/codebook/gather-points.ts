import type { Points } from './optimal-clusters.ts';
import { sortOrder } from './sort-order.ts';

/** Weights below this share of the largest count as that, so that each entry stands for something. */
const LEAST = 1e-8;

/** Values as points in order, equal ones as one of their weights together; each weighs 1 where no weights are given. */
export function gatherPoints(values: Float32Array, given?: Float64Array): Points {
  const order = sortOrder(values);
  const least = given ? LEAST * given.reduce((most, w) => Math.max(most, w), 0) : 1;
  const points = new Float64Array(values.length);
  const weights = new Float64Array(values.length);
  let count = 0;
  for (const i of order) {
    const weight = given ? Math.max(given[i], least) || 1 : 1;
    if (count === 0 || points[count - 1] !== values[i]) points[count++] = values[i];
    weights[count - 1] += weight;
  }
  return { values: points.subarray(0, count), weights: weights.subarray(0, count) };
}
