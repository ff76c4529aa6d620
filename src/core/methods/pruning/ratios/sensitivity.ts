import { upgradesOf } from '../../../allocation/upgrades.ts';

/** What pruning a layer to some sparsities does to its output. */
export interface Sensitivity {
  /** Weights of the layer. */
  readonly size: number;
  /** Relative output error at each of the sparsities that were tried, in their order. */
  readonly errors: readonly number[];
}

/** The sparsities tried on each layer: within 2λ of the one asked for, falling. */
export function triedSparsities(sparsity: number, band: number): readonly number[] {
  const steps = [2, 1.5, 1, 0.5, 0, -0.5, -1, -1.5, -2];
  const tried = steps.map((step) => Math.min(0.99, Math.max(0, sparsity + step * band)));
  return [...new Set(tried)];
}

/**
 * Sparsities s_l with Σ n_l·s_l = sparsity·Σ n_l that make Σ_l error_l(s_l) small: from the highest tried everywhere,
 * weights are given back in order of error saved per weight; the last step is taken in part, so that the total is kept.
 */
export function sensitivitySparsities(
  layers: readonly Sensitivity[],
  tried: readonly number[],
  sparsity: number,
): readonly number[] {
  const items = layers.map(({ size, errors }) =>
    errors.map((error, at) => ({ cost: size * (1 - tried[at]), error })),
  );
  const found = layers.map(() => tried[0]);
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  let left = total * (tried[0] - sparsity);
  for (const { item, level } of upgradesOf(items)) {
    if (left <= 0) break;
    const { size } = layers[item];
    const given = Math.min(left, size * (found[item] - tried[level]));
    found[item] -= given / size;
    left -= given;
  }
  return settled(found, layers, left);
}

/** What no upgrade wanted (errors that do not fall) is given back to all alike. */
function settled(
  found: readonly number[],
  layers: readonly Sensitivity[],
  left: number,
): readonly number[] {
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  return left <= 0 ? found : found.map((value) => Math.max(0, value - left / total));
}
