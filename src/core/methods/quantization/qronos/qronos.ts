import type { z } from 'zod';
import { fillCodes, requireKind } from '../../../encodings/index.ts';
import { qronos as solve } from '../../../kernels/qronos.ts';
import { FLOAT_PATH_MOMENTS } from '../../../statistics/cross-moments-with/float-path.ts';
import { dampingWarning, fewRowsWarning } from '../../../statistics/warnings.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { inputOf } from '../../../statistics/look.ts';
import { requireSeen } from '../../require-seen.ts';
import { orRounded } from '../or-rounded.ts';
import { roundedTable } from '../rounded-table.ts';
import { sweepGrid } from '../sweep-grid.ts';
import { tiesTogether } from '../uniform-options.ts';
import { planUniform } from '../uniform-plan.ts';
import { meta, type options as schema } from './meta.ts';

export type QronosOptions = z.infer<typeof schema>;

/**
 * Qronos (Zhang et al. 2025): quantizes W so that ‖WXᵀ − ŴX̃ᵀ‖² stays small, where X is what the model before the step
 * feeds the layer and X̃ what the layers already compressed do. Needs H = X̃ᵀX̃ and G = XᵀX̃.
 */
export const qronos = encoderMethod<QronosOptions>(meta, {
  ties: tiesTogether,
  takesLookUps: true,
  look: () => ({ take: ['moments', FLOAT_PATH_MOMENTS], sequential: true }),
  form: (layer, options, model) => planUniform(layer, options, model),
  encode: async (weight, given, seen, options, context) => {
    if (weight.layer.op === 'Gather') return roundedTable(weight, given, options, context);
    const { signal, progress } = context;
    const planned = requireKind(given, 'coded');
    const h = requireSeen(seen, 'moments', weight, meta);
    // Without the float path G is H, which leaves GPTQ.
    const g = seen.at(inputOf(weight.layer), FLOAT_PATH_MOMENTS) ?? h;
    const { outFeatures: rows, inFeatures: columns } = weight.layer;
    const { damping, order, staticGroups, alpha } = options;
    const { form, grid, search } = sweepGrid(weight, planned, options);
    const sweep = { ...grid, ...search, alpha, damping, order, staticGroups };
    const { codes, warnings } = orRounded(weight, grid, () => {
      const found = solve(weight.values, rows, columns, h.values, g.values, sweep, {
        signal,
        progress,
      });
      return { codes: found, warnings: [dampingWarning(damping, found.damping)] };
    });
    const sentences = [
      fewRowsWarning(h),
      g === h ? unpaired(weight.layer.name) : undefined,
      ...warnings,
    ];
    return {
      encoded: fillCodes(form, codes),
      warnings: sentences.filter((sentence) => sentence !== undefined),
    };
  },
});

function unpaired(name: string): string {
  return `"${name}" was fed with other rows than in the model before this step (a router chose anew), so what came before it could not be corrected, and it was rounded as GPTQ does.`;
}
