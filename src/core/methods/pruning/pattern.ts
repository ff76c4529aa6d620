import type { Layer } from '../../anatomy/types.ts';
import type { Pattern } from '../../kernels/select.ts';
import type { Refusal } from '../contract.ts';
import { PATTERN, type PruningOptions, type RatioOptions } from './pruning-options.ts';

/** What the kernels take: a share, or { n, m }. */
export function kernelPattern(options: PruningOptions): Pattern {
  const match = PATTERN.exec(options.pattern);
  return match ? { n: Number(match[1]), m: Number(match[2]) } : options.sparsity;
}

/** {@link kernelPattern} of one layer: its own share where shares were decided. */
export function layerPattern(layer: Layer, options: RatioOptions): Pattern {
  const pattern = kernelPattern(options);
  const { sparsityPerLayer } = options;
  if (typeof pattern !== 'number' || sparsityPerLayer === undefined) return pattern;
  return Object.hasOwn(sparsityPerLayer, layer.name) ? sparsityPerLayer[layer.name] : pattern;
}

/** Why an N:M pattern does not fit the layer's rows; undefined where it does. */
export function patternProblem(layer: Layer, pattern: Pattern): Refusal | undefined {
  if (typeof pattern === 'number' || layer.inFeatures % pattern.m === 0) return undefined;
  const { n, m } = pattern;
  return {
    refused: `"${layer.name}" has rows of ${layer.inFeatures} weights, which groups of ${m} do not divide, so the pattern ${n}:${m} cannot be applied; leave it out or choose another pattern.`,
  };
}
