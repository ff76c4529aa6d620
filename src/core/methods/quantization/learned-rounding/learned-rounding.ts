import { fillCodes, requireKind } from '../../../encodings/index.ts';
import { fewRowsWarning } from '../../../statistics/warnings.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { requireSeen } from '../../require-seen.ts';
import { roundedTable } from '../rounded-table.ts';
import { tiesTogether } from '../uniform-options.ts';
import { planUniform } from '../uniform-plan.ts';
import { meta, type LearnedRoundingOptions } from './meta.ts';
import { signRound } from './sign-round.ts';

/**
 * SignRound (Cheng et al. 2023): learns for each weight whether to round up or down, and where each block's range
 * ends, by the sign of the gradient of ‖(W − Ŵ)Xᵀ‖². Layer by layer on H = XᵀX, where the paper takes the output of
 * a whole block: the objective is then a product of matrices, and nothing has to run.
 */
export const learnedRounding = encoderMethod<LearnedRoundingOptions>(meta, {
  ties: tiesTogether,
  takesLookUps: true,
  look: ({ sequential }) => ({ take: ['moments'], sequential }),
  form: planUniform,
  encode: async (weight, form, seen, options, context) => {
    if (weight.layer.op === 'Gather') return roundedTable(weight, form, options, context);
    const { layer, values } = weight;
    const planned = requireKind(form, 'coded');
    const h = requireSeen(seen, 'moments', weight, meta);
    const shape = { columns: layer.inFeatures, groupSize: planned.groupSize };
    const result = signRound(values, h.values, { ...shape, ...options }, context);
    const few = fewRowsWarning(h);
    return {
      encoded: fillCodes(planned, result),
      warnings: few === undefined ? [] : [few],
    };
  },
});
