import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import { requireKind, storedWeightOf, type Plain } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { exceedsHalf } from '../../../tensor/half.ts';
import type { Encoder, Refusal } from '../../contract.ts';
import { encoderMethod, type EncoderMethod } from '../../encoder-method.ts';
import { meta, type options as schema } from './meta.ts';

export type DequantizeOptions = z.infer<typeof schema>;

const encoder: Encoder<DequantizeOptions> = {
  shareable: true,
  decodes: true,
  form: (layer, { precision }, model) => planPlain(layer, precision, model),
  encode: async ({ layer, values }, planned, _seen, { precision }, context) => {
    throwIfCancelled(context.signal);
    const cut = precision === 'float16' && exceedsHalf(values);
    context.progress?.(1);
    return {
      encoded: { ...requireKind(planned, 'plain'), values },
      warnings: cut
        ? [
            `"${layer.name}" has values beyond ±65504, the largest a half can hold; they were cut to it.`,
          ]
        : [],
    };
  },
};

const method = encoderMethod<DequantizeOptions>(meta, encoder);

/**
 * W[r,c] = scale[r,g] · (code[r,c] − zero[r,g]), or scale · table[code], as numbers: the inverse of storing, not of
 * rounding. The layer becomes a plain product, convolution or look-up; inputs that were rounded to 8 bits are so no more.
 */
export const dequantize: EncoderMethod<DequantizeOptions> = {
  ...method,
  plan: async (ground, targets, options, context) => {
    const made = await method.plan(ground, targets, options, context);
    const layers = made.lines.map(({ layer }) => layer);
    if (layers.length === 0) return made;
    return { ...made, warnings: warningsOf(ground.model, layers, options) };
  },
};

function planPlain(
  layer: Layer,
  precision: DequantizeOptions['precision'],
  model: Model,
): Plain | Refusal {
  if (storedWeightOf(model, layer) === undefined) {
    return {
      refused: `"${layer.name}" is stored as plain numbers, not as codes, so there is nothing to dequantize.`,
    };
  }
  return { kind: 'plain', dataType: DataType[precision] };
}

function warningsOf(
  model: Model,
  layers: readonly Layer[],
  { precision }: DequantizeOptions,
): readonly string[] {
  const stored = layers.flatMap((layer) => storedWeightOf(model, layer) ?? []);
  const rounded = stored.filter(({ roundsInput }) => roundsInput).length;
  return [
    `Dequantizing makes the file larger: ${layers.length} ${layers.length === 1 ? 'layer is' : 'layers are'} stored as ${precision} again. What quantizing lost does not come back.`,
    ...(rounded > 0
      ? [`The inputs of ${rounded} of these layers were rounded to 8 bits, and are so no more.`]
      : []),
  ];
}
