import type { z } from 'zod';
import { gptq as solve } from '../../../kernels/gptq.ts';
import { fewRowsWarning } from '../../../statistics/warnings.ts';
import type { LayerMethod } from '../../contract.ts';
import { requirePlan } from '../../refuse.ts';
import { requireStatistics } from '../../require-statistics.ts';
import { DEFAULT_SITE, siteOrRefusal } from '../../site.ts';
import { planUniform } from '../uniform-plan.ts';
import { fillUniform } from '../uniform-result.ts';
import { secondMomentsOf } from './second-moments.ts';
import { meta, type options as schema } from './meta.ts';

export type GptqOptions = z.infer<typeof schema>;

/**
 * GPTQ (Frantar et al. 2022): quantizes W column by column and moves each column's error onto the
 * columns not yet quantized, so that ‖(W − Ŵ)Xᵀ‖² stays small. Needs H = XᵀX of the layer's input.
 */
export const gptq: LayerMethod<GptqOptions> = {
  kind: 'layer',
  meta,
  needs: ({ sequential }) => ({ secondMoments: true, sequential }),
  plan: (layer, options, model) => planUniform(layer, options, siteOrRefusal(model, layer), false),
  compress: async (weight, given, options, { signal, progress }) => {
    const { layer, values, site = DEFAULT_SITE } = weight;
    const planned = requirePlan(planUniform(layer, options, site, false));
    const statistics = requireStatistics(given, weight, meta);
    const { bits, clip, damping, actOrder, staticGroups } = options;
    const range = options.symmetric ? 'signed-max' : 'minmax';
    const { groupSize } = planned;
    const result = solve(
      values,
      layer.outFeatures,
      layer.inFeatures,
      secondMomentsOf(statistics, layer),
      { bits, range, clip, groupSize, damping, actOrder, staticGroups },
      { signal, progress },
    );
    const warnings = [fewRowsWarning(statistics), dampingWarning(damping, result.damping)];
    return {
      encoded: fillUniform(planned, result),
      warnings: warnings.filter((sentence) => sentence !== undefined),
    };
  },
};

function dampingWarning(asked: number, used: number): string | undefined {
  if (used <= asked) return undefined;
  return `The second moments could not be inverted with damping ${asked}, so ${used} was used; more calibration data would help.`;
}
