import type { Layer } from '../../../anatomy/types.ts';
import { decodeWeight, type Encoded } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { Refusal } from '../../contract.ts';
import { encoderMethod, type EncoderMethod } from '../../encoder-method.ts';
import { halvesOf, planCodesPlusFactors } from '../../low-rank/codes-plus-factors.ts';
import { requireFinite } from '../../low-rank/require-finite.ts';
import { floatPlace, isRefusal } from '../../site.ts';
import { tiesTogether } from '../uniform-options.ts';
import { codesOf } from './codes.ts';
import { correctionOf, planCorrection } from './correction.ts';
import { lookOf } from './error-basis.ts';
import { meta, type LowRankResidualOptions } from './meta.ts';
import { isEncoded, planRepairs } from './repair.ts';

const fresh = encoderMethod<LowRankResidualOptions>(meta, {
  shareable: true,
  ties: tiesTogether,
  look: (options) => lookOf(options.basis, codesOf(options)),
  form: planForm,
  encode: async (weight, form, seen, options, context) => {
    requireFinite(weight);
    const { layer, values: w } = weight;
    const { codes, product } = halvesOf(form);
    const q = await codesOf(options).encode(weight, codes, seen, context);
    const rounded = decodeWeight(q.encoded, layer.outFeatures, layer.inFeatures);
    const error = w.map((value, i) => value - rounded[i]);
    throwIfCancelled(context.signal);
    const correction = correctionOf(error, product, weight, seen, options.basis);
    return { ...q, encoded: { kind: 'sum', parts: [q.encoded, correction] } };
  },
});

/**
 * Ŵ = Q(W) + B·A with B·A = argmin ‖(W − Q(W) − B·A)·S‖ of rank r: LoRC (Yao et al. 2023) with S = I, LQER (Zhang et al. 2024) with
 * S = diag(mean|x|), EoRA (Liu et al. 2024) with S·Sᵀ = XᵀX. The codes are any quantizer's, also an earlier step's, and are not
 * chosen again; low rank plus quantized (CALDERA) makes both in turn.
 */
export const lowRankResidual: EncoderMethod<LowRankResidualOptions> = {
  ...fresh,
  plan: async (ground, targets, options, context) => {
    const repaired = targets.filter((layer) => isEncoded(layer, options, context));
    const rest = targets.filter((layer) => !repaired.includes(layer));
    const plan = await fresh.plan(ground, rest, options, context);
    return repaired.length === 0 ? plan : planRepairs(ground, plan, repaired, options);
  },
};

function planForm(layer: Layer, options: LowRankResidualOptions, model: Model): Encoded | Refusal {
  const coded = codesOf(options).form(layer, model);
  if (isRefusal(coded)) return coded;
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const product = planCorrection(layer, options, place.weight.dataType === DataType.float16);
  if (isRefusal(product)) return product;
  return planCodesPlusFactors(layer, coded, product, place.weight.dataType);
}
