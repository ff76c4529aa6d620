import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import { fillCodes, requireKind, type Coded, type Encoded } from '../../../encodings/index.ts';
import { sparseGpt, sparseGptKeeps, type SparseGptResult } from '../../../kernels/sparsegpt.ts';
import type { UniformOptions } from '../../../kernels/uniform.ts';
import type { Model } from '../../../onnx/types.ts';
import { dampingWarning, fewRowsWarning } from '../../../statistics/warnings.ts';
import type { Refusal } from '../../contract.ts';
import { planUniform } from '../../quantization/uniform-plan.ts';
import { requireSeen } from '../../require-seen.ts';
import { layerPattern, patternProblem } from '../pattern.ts';
import { planPruned, pruned } from '../pruned-form.ts';
import { pruningMethod } from '../pruning-method.ts';
import { meta, type options as schema } from './meta.ts';

export type SparseGptMethodOptions = z.infer<typeof schema>;

/**
 * SparseGPT (Frantar & Alistarh 2023): column by column, the weights of smallest w²/U_jj² (UᵀU = H⁻¹, H = XᵀX) of each
 * block of 128 columns, or of each m columns, become zero, and each column's error moves onto the columns not yet
 * visited, so that ‖(W − Ŵ)Xᵀ‖² stays small. With `bits`, what stays is rounded in the same sweep.
 */
export const sparsegpt = pruningMethod<SparseGptMethodOptions>(meta, {
  // Norms are what the baseline goes by.
  look: ({ sequential }) => ({ take: ['moments', 'norms'], sequential }),
  form,
  encode: async (weight, planned, seen, options, { signal, progress }) => {
    const { layer, values } = weight;
    const { outFeatures, inFeatures } = layer;
    const h = requireSeen(seen, 'moments', weight, meta);
    const pattern = layerPattern(layer, options);
    const grid = gridOf(planned, options);
    const how = { pattern, damping: options.damping, ...(grid && { grid }) };
    const hooks = { signal, progress };
    const result = sparseGpt(values, outFeatures, inFeatures, h.values, how, hooks);
    const warnings = [fewRowsWarning(h), dampingWarning(options.damping, result.damping)];
    return {
      encoded: filled(planned, result),
      warnings: warnings.filter((sentence) => sentence !== undefined),
    };
  },
});

function form(layer: Layer, options: SparseGptMethodOptions, model: Model): Encoded | Refusal {
  const { bits, store } = options;
  const pattern = layerPattern(layer, options);
  if (bits !== 'none')
    return patternProblem(layer, pattern) ?? planUniform(layer, { ...options, bits }, model);
  const keep = sparseGptKeeps(layer.outFeatures, layer.inFeatures, pattern);
  return planPruned(layer, { pattern, store, keep }, model);
}

function gridOf(
  planned: Encoded,
  { bits, symmetric }: SparseGptMethodOptions,
): UniformOptions | undefined {
  if (bits === 'none') return undefined;
  const { groupSize } = requireKind(planned, 'coded');
  return { bits, groupSize, range: symmetric ? 'signed-max' : 'minmax' };
}

function filled(planned: Encoded, { values, keep, codes, grids }: SparseGptResult): Encoded {
  if (codes === undefined || grids === undefined) return pruned(planned, values, keep);
  const coded: Coded = requireKind(planned, 'coded');
  return fillCodes(coded, {
    codes,
    scales: grids.scales,
    ...(coded.zeros && { zeros: grids.zeros }),
  });
}
