import type { Layer } from '../../../anatomy/types.ts';
import { requireKind, type Coded } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { Refusal } from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { floatPlace, isRefusal } from '../../site.ts';
import { planTable } from '../table-plan.ts';
import { tiesTogether } from '../uniform-options.ts';
import { meta, type AnyPrecisionOptions } from './meta.ts';
import { nestedTable } from './nested-grid.ts';
import { findParent } from './parent.ts';
import { sliceOf, storedSlice } from './slice.ts';

/**
 * Nested codes (Any-Precision LLM, Park et al. 2024; MatGPTQ, Kleinegger et al. 2026): Ŵ_n = s·v_n(q >> (parent − n)), one
 * q and one s for all widths n, v_n the middles of 2ⁿ equal parts of [−1, 1]. q keeps Σ_n λ_n·‖(W − Ŵ_n)Xᵀ‖² small, or is
 * the nearest. Finding it knows nothing of `bits`, and a file that holds a wider slice is cut without finding it again.
 * Throws `weight-not-finite`.
 */
export const anyPrecision = encoderMethod<AnyPrecisionOptions>(meta, {
  shareable: true,
  ties: tiesTogether,
  cutsOwn: true,
  look: ({ rounding }) =>
    rounding === 'sweep' ? { take: ['moments'], sequential: false } : undefined,
  form: planSlice,
  encode: async (weight, given, seen, options, context) => {
    throwIfCancelled(context.signal);
    const planned = requireKind(given, 'coded');
    const cut = await storedSlice(weight, planned);
    if (cut !== undefined) return { encoded: cut };
    const { bits, tied, ...others } = options;
    const decides = { ...others, ...(tied && { tied }) };
    const find = async () => findParent(weight, planned, seen, options, context);
    const parent = context.keep ? await context.keep(decides, find) : await find();
    const { codes, scales, warnings } = parent;
    return { encoded: sliceOf(planned, { bits: options.parent, codes, scales }, bits), warnings };
  },
});

function planSlice(
  layer: Layer,
  { bits, blockSize, scales }: AnyPrecisionOptions,
  model: Model,
): Coded | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const half = scales === 'float16' || place.elementType === DataType.float16;
  const dataType = half ? DataType.float16 : DataType.float32;
  const grid = nestedTable(bits);
  return planTable(layer, { bits, grid, blockSize, scales: () => ({ dataType }) }, model);
}
