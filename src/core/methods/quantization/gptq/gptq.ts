import type { z } from 'zod';
import { fillCodes, requireKind } from '../../../encodings/index.ts';
import { gptq as solve } from '../../../kernels/gptq.ts';
import { dampingWarning, fewRowsWarning } from '../../../statistics/warnings.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { requireSeen } from '../../require-seen.ts';
import { orRounded } from '../or-rounded.ts';
import { roundedTable } from '../rounded-table.ts';
import { sweepGrid } from '../sweep-grid.ts';
import { tiesTogether } from '../uniform-options.ts';
import { planUniform } from '../uniform-plan.ts';
import { meta, type options as schema } from './meta.ts';

export type GptqOptions = z.infer<typeof schema>;

/**
 * GPTQ (Frantar et al. 2022): quantizes W column by column and moves each column's error onto the
 * columns not yet quantized, so that ‖(W − Ŵ)Xᵀ‖² stays small. Needs H = XᵀX of the layer's input.
 */
export const gptq = encoderMethod<GptqOptions>(meta, {
  ties: tiesTogether,
  takesLookUps: true,
  look: ({ sequential }) => ({ take: ['moments'], sequential }),
  form: (layer, options, model) => planUniform(layer, options, model),
  encode: async (weight, given, seen, options, context) => {
    if (weight.layer.op === 'Gather') return roundedTable(weight, given, options, context);
    const { signal, progress } = context;
    const planned = requireKind(given, 'coded');
    const h = requireSeen(seen, 'moments', weight, meta);
    const { outFeatures: rows, inFeatures: columns } = weight.layer;
    const { damping, order, staticGroups } = options;
    const { form, grid, search } = sweepGrid(weight, planned, options);
    const sweep = { ...grid, ...search, damping, order, staticGroups };
    const { codes, warnings } = orRounded(weight, grid, () => {
      const found = solve(weight.values, rows, columns, h.values, sweep, { signal, progress });
      return { codes: found, warnings: [dampingWarning(damping, found.damping)] };
    });
    const sentences = [fewRowsWarning(h), ...warnings];
    return {
      encoded: fillCodes(form, codes),
      warnings: sentences.filter((sentence) => sentence !== undefined),
    };
  },
});
