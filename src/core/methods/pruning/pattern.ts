import type { Layer } from '../../anatomy/types.ts';
import { requireKind, type Encoded, type Plain } from '../../encodings/index.ts';
import type { Pattern } from '../../kernels/select.ts';
import type { Model } from '../../onnx/types.ts';
import type { Refusal } from '../contract.ts';
import { floatPlace, isRefusal } from '../site.ts';
import { PATTERN } from './pruning-options.ts';

/** What the kernels take: a share, or { n, m }. */
export function kernelPattern(options: { sparsity: number; pattern: string }): Pattern {
  const match = PATTERN.exec(options.pattern);
  return match ? { n: Number(match[1]), m: Number(match[2]) } : options.sparsity;
}

/** A pruned weight keeps its size; refused where an N:M pattern does not fit the row. */
export function planPruned(layer: Layer, pattern: Pattern, model: Model): Plain | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  if (typeof pattern === 'number' || layer.inFeatures % pattern.m === 0) {
    return { kind: 'plain', dataType: place.weight.dataType };
  }
  const { n, m } = pattern;
  return {
    refused: `"${layer.name}" has rows of ${layer.inFeatures} weights, which groups of ${m} do not divide, so the pattern ${n}:${m} cannot be applied; leave it out or choose another pattern.`,
  };
}

/** The planned weight: W with the masked-out entries set to zero. */
export function pruned(planned: Encoded, values: Float32Array, keep: Uint8Array): Plain {
  const plain = requireKind(planned, 'plain');
  return { ...plain, values: values.map((value, i) => (keep[i] === 1 ? value : 0)) };
}
