import type { Layer } from '../../../anatomy/types.ts';
import {
  decodeWeight,
  fillCodes,
  type Coded,
  type Encoded,
  type Product,
} from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { quantizeUniform } from '../../../kernels/rtn.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { Refusal } from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { halvesOf, planCodesPlusFactors } from '../../low-rank/codes-plus-factors.ts';
import { factorise, type Factors } from '../../low-rank/factorise.ts';
import { factorType } from '../../low-rank/rank-plan.ts';
import { requireFinite } from '../../low-rank/require-finite.ts';
import { floatPlace, isRefusal } from '../../site.ts';
import { densePart } from '../dense-part.ts';
import { errorBasis, lookOf } from './error-basis.ts';
import { meta, type LowRankResidualOptions } from './meta.ts';

/**
 * Ŵ = Q(W) + B·A with B·A = argmin ‖(W − Q(W) − B·A)·S‖ of rank r: LoRC (Yao et al. 2023) with S = I, LQER (Zhang et al. 2024) with
 * S = diag(mean|x|), EoRA (Liu et al. 2024) with S·Sᵀ = XᵀX. The codes are any quantizer's and are not chosen again; low rank
 * plus quantized (CALDERA) makes both in turn.
 */
export const lowRankResidual = encoderMethod<LowRankResidualOptions>(meta, {
  shareable: true,
  look: (options) => lookOf(options.basis, densePart(options)),
  form: planForm,
  encode: async (weight, form, seen, options, context) => {
    requireFinite(weight);
    const { layer, values: w } = weight;
    const { outFeatures: rows, inFeatures: columns } = layer;
    const { codes, product } = halvesOf(form);
    const q = await densePart(options).encode(weight, codes, seen, context);
    const rounded = decodeWeight(q.encoded, rows, columns);
    const error = w.map((value, i) => value - rounded[i]);
    throwIfCancelled(context.signal);
    const basis = errorBasis(error, weight, seen, options.basis);
    const factors = factorise(error, rows, columns, basis, product.rank);
    return { ...q, encoded: { kind: 'sum', parts: [q.encoded, filled(product, factors, layer)] } };
  },
});

function planForm(layer: Layer, options: LowRankResidualOptions, model: Model): Encoded | Refusal {
  const coded = densePart(options).form(layer, model);
  if (isRefusal(coded)) return coded;
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const { rank, factors } = options;
  const { outFeatures: rows, inFeatures: columns, name, op } = layer;
  if (rank >= Math.min(rows, columns)) {
    return {
      refused: `"${name}" is a ${rows} × ${columns} matrix, and a correction of rank ${rank} would be no smaller than that, so it was left as it is; choose a rank below ${Math.min(rows, columns)}.`,
    };
  }
  const factor = (width: number): Encoded =>
    factors === '8 bits'
      ? codedFactor(width)
      : { kind: 'plain', dataType: factorType(place, { factors }) };
  const product: Product = {
    ...{ kind: 'product', rank, left: factor(rank), right: factor(columns) },
    ...((op === 'MatMul' || op === 'Gemm') && { adapter: true }),
  };
  return planCodesPlusFactors(layer, coded, product, place.weight.dataType);
}

/** 8-bit codes, one scale per row of `width` numbers. */
function codedFactor(width: number): Coded {
  return {
    ...{ kind: 'coded', bits: 8, grid: 'integer', granularity: 'channel', groupSize: width },
    scales: { dataType: DataType.float16 },
  };
}

function filled(
  product: Product,
  { left, right }: Factors,
  { outFeatures, inFeatures }: Layer,
): Product {
  const { rank } = product;
  return {
    ...product,
    left: filledFactor(product.left, left, outFeatures, rank),
    right: filledFactor(product.right, right, rank, inFeatures),
  };
}

function filledFactor(
  planned: Encoded,
  values: Float32Array,
  rows: number,
  columns: number,
): Encoded {
  if (planned.kind === 'plain') return { ...planned, values };
  const grid = { bits: 8, clip: 'none', range: 'signed-max', groupSize: columns } as const;
  return fillCodes(planned, quantizeUniform(values, rows, columns, grid));
}
