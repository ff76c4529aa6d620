import type { Layer } from '../../../anatomy/types.ts';
import type { Plain } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { exceedsHalf } from '../../../tensor/half.ts';
import type { Refusal } from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { floatPlace, isRefusal } from '../../site.ts';
import { meta } from './meta.ts';

/** Rounds every weight to the nearest IEEE half (ties to even), |error| ≤ 2⁻¹¹·|w| in the normal range. */
export const float16 = encoderMethod<Record<string, never>>(meta, {
  shareable: true,
  form: (layer, _options, model) => planHalf(layer, model),
  encode: async ({ layer, values }, _planned, _statistics, _options, context) => {
    throwIfCancelled(context.signal);
    const warnings = exceedsHalf(values)
      ? [
          `"${layer.name}" has values beyond ±65504, the largest a half can hold; they were cut to it.`,
        ]
      : [];
    context.progress?.(1);
    return { encoded: { ...HALF, values }, warnings };
  },
});

const HALF: Plain = { kind: 'plain', dataType: DataType.float16 };

function planHalf(layer: Layer, model: Model): Plain | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const { dataType } = place.weight;
  if (dataType === DataType.float32 || dataType === DataType.float64) return HALF;
  return { refused: `"${layer.name}" already takes 16 bits per weight, so it was left as it is.` };
}
