import type { z } from 'zod';
import { fillCodes, requireKind } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { quantizeUniform } from '../../../kernels/rtn.ts';
import type { Encoder } from '../../contract.ts';
import { requireSeen } from '../../require-seen.ts';
import { meanSquares } from '../mean-squares.ts';
import { roundedTable } from '../rounded-table.ts';
import { scaledMethod } from '../scaled-channels.ts';
import { stackedRows } from '../stacked-rows.ts';
import { tiesTogether } from '../uniform-options.ts';
import { planUniform } from '../uniform-plan.ts';
import { channelScales } from './channel-scales.ts';
import { meta, type options as schema } from './meta.ts';

export type OscarOptions = z.infer<typeof schema>;

/** Codes of W·diag(s), each group clipped for columns that count m_j / s_j². */
const encoder: Encoder<OscarOptions> = {
  ties: tiesTogether,
  takesLookUps: true,
  look: () => ({ take: ['norms'], sequential: false }),
  form: (layer, options, model) => planUniform(layer, options, model),
  encode: async (weight, form, seen, options, context) => {
    throwIfCancelled(context.signal);
    if (weight.layer.op === 'Gather') return roundedTable(weight, form, options, context);
    const { layer, values, factors } = weight;
    requireSeen(seen, 'norms', weight, meta);
    const planned = requireKind(form, 'coded');
    const m = meanSquares(layer, seen);
    const importance = m?.map((each, j) => each / (factors?.columns?.[j] ?? 1) ** 2);
    const { bits, symmetric, clip } = options;
    const range = symmetric ? 'signed-max' : 'minmax';
    const grid = { bits, range, clip, importance, groupSize: planned.groupSize } as const;
    const codes = quantizeUniform(values, layer.outFeatures, layer.inFeatures, grid);
    context.progress?.(1);
    return { encoded: fillCodes(planned, codes) };
  },
};

/**
 * OSCAR: W·diag(s) on a uniform grid with the best clip of each group, both for the diagonal model E = Σ_j m_j (ŵ_j − w_j)², m_j = E[x_j²]; x / s is
 * folded into what stands before the layer. Source: ai-edge-quantizer `oscar.py`.
 */
export const oscar = scaledMethod<OscarOptions>(meta, encoder, {
  take: ['norms'],
  choose: ({ channels, weights, seen }, { scaling, blockSize }) => {
    const m = meanSquares(weights[0].layer, seen);
    if (!scaling || m === undefined) return new Float64Array(channels).fill(1);
    const groupSize = blockSize === 'channel' ? channels : Math.min(blockSize, channels);
    return channelScales({ w: stackedRows(weights), columns: channels, groupSize }, m);
  },
});
