import type { z } from 'zod';
import type { InputGrid } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { Encoder, LayerWeight } from '../../contract.ts';
import type { EncoderMethod } from '../../encoder-method.ts';
import { requireSeen } from '../../require-seen.ts';
import { planFolding } from '../fold-scales.ts';
import { gridCovering } from '../../../statistics/histogram/round-histogram.ts';
import { int8Codes, planInt8 } from '../int8-weight.ts';
import { scaledMethod, type ScaledChannels } from '../scaled-channels.ts';
import { stackedRows } from '../stacked-rows.ts';
import { tiesTogether } from '../uniform-options.ts';
import { meta, type options as schema } from './meta.ts';
import { searchedScales, smoothedRange, smoothingScales } from './smoothing.ts';

export type SmoothQuantOptions = z.infer<typeof schema>;

const ROUNDS = {
  dynamic: { operator: 'DynamicQuantizeLinear', opset: 11 },
  static: { operator: 'QuantizeLinear', opset: 10 },
};

/** int8 codes of W·diag(s), and how x / s is rounded. */
const encoder: Encoder<SmoothQuantOptions> = {
  ties: tiesTogether,
  takesLookUps: true,
  look: () => ({ take: ['maxima', 'range'], sequential: false }),
  form: (layer, options, model) =>
    planInt8(
      layer,
      options,
      model,
      ROUNDS[options.activations === 'static' ? 'static' : 'dynamic'],
    ),
  input: ({ activations }) => ({ kind: activations === 'static' ? 'static' : 'dynamic' }),
  encode: async (weight, planned, seen, options, { signal }) => {
    throwIfCancelled(signal);
    const encoded = int8Codes(weight, planned, options);
    if (weight.layer.op === 'Gather') return { encoded };
    if (options.activations !== 'static') return { encoded, input: { kind: 'dynamic' } };
    return { encoded, input: { kind: 'static', grid: gridOf(weight, seen) } };
  },
};

function gridOf(weight: LayerWeight, seen: Seen): InputGrid {
  const { values } = requireSeen(seen, 'maxima', weight, meta);
  const ends = requireSeen(seen, 'range', weight, meta);
  return gridCovering(smoothedRange(values, ends, weight.factors?.columns));
}

const smoothing: ScaledChannels<SmoothQuantOptions> = {
  take: ['maxima', 'range', 'norms'],
  choose: ({ channels: columns, weights, seen }, { scaling, alpha }) => {
    const [first] = weights;
    const { values: maxima } = requireSeen(seen, 'maxima', first, meta);
    const problem = { w: stackedRows(weights), columns, maxima };
    if (scaling === 'fixed') return smoothingScales(problem, alpha);
    const ends = requireSeen(seen, 'range', first, meta);
    const norms = requireSeen(seen, 'norms', first, meta);
    const squares = norms.values.map((norm) => norm ** 2 / Math.max(1, norms.rows));
    return searchedScales({ ...problem, ends, squares }).s;
  },
};

const rounded = scaledMethod<SmoothQuantOptions>(meta, encoder, smoothing);

/**
 * SmoothQuant (Xiao et al. 2022): W·x = (W·diag(s))·(x / s) with s_j = max|X_j|^α / max|W_j|^(1−α), and x / s folded into what stands before
 * the layer, so that int8 rounds inputs whose channels are alike. Without rounding only the scales move.
 */
export const smoothQuant: EncoderMethod<SmoothQuantOptions> = {
  ...rounded,
  plan: (ground, targets, options, context) =>
    options.activations === 'none'
      ? planFolding(meta, smoothing, { ground, targets, options, context })
      : rounded.plan(ground, targets, options, context),
};
