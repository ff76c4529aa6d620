import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import { fillCodes, requireKind } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { dequantizeUniform, quantizeUniform } from '../../../kernels/rtn.ts';
import type { UniformOptions } from '../../../kernels/uniform.ts';
import { fewRowsWarning } from '../../../statistics/warnings.ts';
import type { Encoder } from '../../contract.ts';
import { requireSeen } from '../../require-seen.ts';
import { roundedTable } from '../rounded-table.ts';
import { scaledMethod } from '../scaled-channels.ts';
import { stackedRows } from '../stacked-rows.ts';
import { tiesTogether } from '../uniform-options.ts';
import { planUniform } from '../uniform-plan.ts';
import { clamped, searchClips } from './clip-search.ts';
import { meta, type options as schema } from './meta.ts';
import { scalesAt, searchRatio, type Quantize } from './scale-search.ts';

export type AwqOptions = z.infer<typeof schema>;

/** Codes of W·diag(s), each group clipped by the error on its outputs. */
const encoder: Encoder<AwqOptions> = {
  ties: tiesTogether,
  takesLookUps: true,
  look: () => ({ take: ['moments'], sequential: false }),
  form: (layer, options, model) => planUniform(layer, options, model),
  encode: async (weight, form, seen, options, context) => {
    throwIfCancelled(context.signal);
    if (weight.layer.op === 'Gather') return roundedTable(weight, form, options, context);
    const { layer, values: w, factors } = weight;
    const planned = requireKind(form, 'coded');
    const moments = requireSeen(seen, 'moments', weight, meta);
    const { outFeatures: rows, inFeatures: columns } = layer;
    const grid = gridOf(options, planned.groupSize);
    const clips = options.clip === 'search' && mayBeCut(layer);
    const h = clips ? dividedMoments(moments.values, factors?.columns) : moments.values;
    const problem = { w, columns, groupSize: planned.groupSize, h };
    const cut = clips ? clamped(problem, searchClips(problem, quantizer(columns, grid))) : w;
    const codes = quantizeUniform(cut, rows, columns, grid);
    context.progress?.(1);
    const few = fewRowsWarning(moments);
    return { encoded: fillCodes(planned, codes), ...(few !== undefined && { warnings: [few] }) };
  },
};

/**
 * AWQ (Lin et al. 2023): Ŵ = Q(W·diag(s))·diag(s)⁻¹ with s_j = mean|x_j|^α, and α of each input by grid search on ‖(Ŵ − W)Xᵀ‖² = tr(D·H·Dᵀ); x / s is folded
 * into what stands before the layer. Then the range of each group is cut as long as that lowers its own output error.
 */
export const awq = scaledMethod<AwqOptions>(meta, encoder, {
  take: ['mean', 'moments'],
  choose: ({ channels: columns, weights, seen }, options) => {
    const { magnitudes } = requireSeen(seen, 'mean', weights[0], meta);
    if (options.scaling === 'fixed') return scalesAt(magnitudes, options.alpha);
    const h = requireSeen(seen, 'moments', weights[0], meta).values;
    const { blockSize } = options;
    const groupSize = blockSize === 'channel' ? columns : Math.min(blockSize, columns);
    const problem = { w: stackedRows(weights), columns, magnitudes, h };
    const { ratio } = searchRatio(problem, quantizer(columns, gridOf(options, groupSize)));
    return scalesAt(magnitudes, ratio);
  },
});

function gridOf({ bits, symmetric }: AwqOptions, groupSize: number): UniformOptions {
  return { bits, groupSize, range: symmetric ? 'signed-max' : 'minmax' };
}

function quantizer(columns: number, grid: UniformOptions): Quantize {
  return (w) => {
    const rows = w.length / columns;
    return dequantizeUniform(quantizeUniform(w, rows, columns, grid), rows, columns, grid);
  };
}

/** Products of queries and keys amplify what is cut (llm-awq leaves them whole). */
function mayBeCut({ role }: Layer): boolean {
  return role !== 'query' && role !== 'key';
}

/** XᵀX of x / s. */
function dividedMoments(h: Float32Array, s: Float64Array | undefined): Float32Array {
  if (s === undefined) return h;
  const columns = s.length;
  return h.map((value, i) => value / (s[i % columns] * s[Math.floor(i / columns)]));
}
