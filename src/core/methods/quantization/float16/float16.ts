import { DataType } from '../../../tensor/data-type.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { LayerMethod, Refusal, WeightSite } from '../../contract.ts';
import type { Float16Weight } from '../../encoding.ts';
import { exceedsHalf, toHalf } from '../../half.ts';
import { requirePlan } from '../../refuse.ts';
import { DEFAULT_SITE, isRefusal, siteOrRefusal } from '../../site.ts';
import { meta } from './meta.ts';

/** Rounds every weight to the nearest IEEE half (ties to even), |error| ≤ 2⁻¹¹·|w| in the normal range. */
export const float16: LayerMethod<Record<string, never>> = {
  kind: 'layer',
  meta,
  needs: () => undefined,
  plan: (layer, _options, model) => planHalf(layer, siteOrRefusal(model, layer)),
  compress: async ({ layer, values, site = DEFAULT_SITE }, _statistics, _options, context) => {
    throwIfCancelled(context.signal);
    const planned = requirePlan(planHalf(layer, site));
    const warnings = exceedsHalf(values)
      ? [
          `"${layer.name}" has values beyond ±65504, the largest a half can hold; they were cut to it.`,
        ]
      : [];
    context.progress?.(1);
    return { encoded: { ...planned, values: toHalf(values) }, warnings };
  },
};

function planHalf(layer: Layer, site: WeightSite | Refusal): Float16Weight | Refusal {
  if (isRefusal(site)) return site;
  if (site.dataType === DataType.float32 || site.dataType === DataType.float64) {
    return { kind: 'float16', shareable: true };
  }
  return { refused: `"${layer.name}" already takes 16 bits per weight, so it was left as it is.` };
}
