import type { Method } from '../../contract.ts';
import { decideLevels, requireBudget } from './decide.ts';
import { meta, type MixedPrecisionOptions } from './meta.ts';
import { planMixed } from './plan.ts';

/**
 * Mixed precision: method, bits and block size l_i of each layer by what it costs alone, min Σ_i loss_i(l_i) s.t.
 * Σ_i bytes_i(l_i) ≤ budget (HIGGS, Malinovskii et al. 2024, §5, whose losses are linear in the weight error; here they
 * are measured), or the other way round within a loss. The chosen methods encode their layers themselves.
 */
export const mixedPrecision: Method<MixedPrecisionOptions> = {
  meta,
  plan: (ground, targets, options, context) => {
    if (options.chosen === undefined) requireBudget(options);
    return planMixed(ground, targets, options, context);
  },
  decide: decideLevels,
  layerOptions: ({ name }, { chosen = [] }) => {
    const given = chosen.find(({ layers }) => layers.includes(name));
    return given === undefined ? {} : { bits: given.bits, blockSize: given.blockSize };
  },
};
