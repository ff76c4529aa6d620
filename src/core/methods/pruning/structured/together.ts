import type { Layer } from '../../../anatomy/types.ts';
import type { GradientSums } from '../../../statistics/gradient/gradient.ts';
import { inputOf, lookKey } from '../../../statistics/look.ts';
import type { Means } from '../../../statistics/mean/mean.ts';
import type { Moments } from '../../../statistics/moments/moments.ts';
import type { Norms } from '../../../statistics/norms/norms.ts';
import { seenIn, type Seen } from '../../../statistics/seen.ts';
import type { Take } from '../../../statistics/take.ts';

/**
 * What several layers with one weight see, as if the rows of all had come to the first: the error of a shared weight
 * is the sum over all who multiply with it. Layers that saw nothing are left out.
 */
export function seenTogether(layers: readonly Layer[], takes: readonly Take[], seen: Seen): Seen {
  if (layers.length === 1) return seen;
  const results = new Map<string, unknown>();
  for (const take of takes) {
    const found = layers.flatMap((layer) => seen.at(inputOf(layer), take) ?? []);
    if (found.length > 0) results.set(lookKey(inputOf(layers[0]), take), sumOf(take, found));
  }
  return seenIn(results);
}

/** Each take's results are of one kind. */
function sumOf(take: Take, results: readonly unknown[]): unknown {
  if (take === 'moments') return (results as Moments[]).reduce(momentsOf);
  if (take === 'norms') return (results as Norms[]).reduce(normsOf);
  if (take === 'mean') return (results as Means[]).reduce(meansOf);
  return (results as GradientSums[]).reduce(gradientsOf);
}

function momentsOf(a: Moments, b: Moments): Moments {
  const values = a.values.map((value, i) => value + b.values[i]);
  return { rows: a.rows + b.rows, columns: a.columns, values };
}

function normsOf(a: Norms, b: Norms): Norms {
  const values = a.values.map((norm, j) => Math.hypot(norm, b.values[j]));
  return { rows: a.rows + b.rows, columns: a.columns, values };
}

/** Chan's rule for two parts: their variances, and how far their means lie apart. */
function meansOf(a: Means, b: Means): Means {
  const rows = a.rows + b.rows;
  const share = b.rows / rows;
  const values = a.values.map((mean, j) => mean + share * (b.values[j] - mean));
  const variances = a.variances.map((variance, j) => {
    const apart = b.values[j] - a.values[j];
    return (1 - share) * variance + share * b.variances[j] + share * (1 - share) * apart * apart;
  });
  const magnitudes = a.magnitudes.map((mean, j) => mean + share * (b.magnitudes[j] - mean));
  return { rows, columns: a.columns, values, variances, magnitudes };
}

function gradientsOf(a: GradientSums, b: GradientSums): GradientSums {
  const sum = (of: 'taylor' | 'fisher' | 'squares') => a[of].map((value, c) => value + b[of][c]);
  const [taylor, fisher, squares] = [sum('taylor'), sum('fisher'), sum('squares')];
  return { columns: a.columns, count: a.count + b.count, taylor, fisher, squares };
}
