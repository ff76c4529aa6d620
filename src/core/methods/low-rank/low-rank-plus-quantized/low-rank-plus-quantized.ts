import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import {
  decodeWeight,
  fillCodes,
  requireKind,
  type Coded,
  type Encoded,
} from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { gemm } from '../../../kernels/gemm.ts';
import { gptq } from '../../../kernels/gptq.ts';
import { quantizeUniform } from '../../../kernels/rtn.ts';
import { outputErrors } from '../../../metrics/weight-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { fewRowsWarning } from '../../../statistics/warnings.ts';
import type { Refusal } from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { planUniform } from '../../quantization/uniform-plan.ts';
import { requireSeen } from '../../require-seen.ts';
import { floatPlace, isRefusal } from '../../site.ts';
import { halvesOf, planCodesPlusFactors } from '../codes-plus-factors.ts';
import { factorise, whitenedBasis, type Factors } from '../factorise.ts';
import { factorType } from '../rank-plan.ts';
import { requireFinite } from '../require-finite.ts';
import { meta, type options as schema } from './meta.ts';

export type LowRankPlusQuantizedOptions = z.infer<typeof schema>;

/**
 * CALDERA (Saha et al. 2024): W ≈ Q + L·R. In turn, L·R is the best rank-r matrix for W − Q in the norm ‖·H^½‖, H = XᵀX, and Q
 * the codes for W − L·R, from Q = 0 on. Neither half lowers the error for certain, so the best pair of all rounds is kept.
 */
export const lowRankPlusQuantized = encoderMethod<LowRankPlusQuantizedOptions>(meta, {
  look: ({ sequential }) => ({ take: ['moments'], sequential }),
  form: planSum,
  encode: async (weight, form, seen, options, { signal, progress }) => {
    requireFinite(weight);
    const { layer, values: w } = weight;
    const h = requireSeen(seen, 'moments', weight, meta);
    const { codes: coded, product } = halvesOf(form);
    const [rows, columns] = [layer.outFeatures, layer.inFeatures];
    const errorOf = outputErrors(w, h.values, columns);
    const quantize = quantizerOf(coded, rows, columns, h.values, options);
    let q: Found = { coded, values: new Float32Array(w.length) };
    let best: Best | undefined;
    for (let round = 0; round < options.rounds; round++) {
      throwIfCancelled(signal);
      const residual = minus(w, q.values);
      const basis = whitenedBasis(residual, h.values, rows, columns);
      const factors = factorise(residual, rows, columns, basis, product.rank);
      const lr = gemm(rows, columns, product.rank, factors.left, factors.right);
      // In the first round there are no codes yet.
      if (round > 0) best = better(best, { q, factors, error: errorOf(plus(q.values, lr)) });
      q = quantize(minus(w, lr));
      best = better(best, { q, factors, error: errorOf(plus(q.values, lr)) });
      progress?.((round + 1) / options.rounds);
    }
    const few = fewRowsWarning(h);
    return { encoded: filled(form, best ?? none()), ...(few !== undefined && { warnings: [few] }) };
  },
});

/** Codes and the values they stand for in the file. */
interface Found {
  readonly coded: Coded;
  readonly values: Float32Array;
}

interface Best {
  readonly q: Found;
  readonly factors: Factors;
  readonly error: number;
}

function better(best: Best | undefined, found: Best): Best {
  return best === undefined || found.error < best.error ? found : best;
}

function none(): never {
  throw new Error('At least one round is run.');
}

function quantizerOf(
  planned: Coded,
  rows: number,
  columns: number,
  h: Float32Array,
  { bits, clip, symmetric, damping, quantizer }: LowRankPlusQuantizedOptions,
): (values: Float32Array) => Found {
  const grid = { bits, clip, groupSize: planned.groupSize } as const;
  const range = symmetric ? 'signed-max' : 'minmax';
  return (values) => {
    const codes =
      quantizer === 'gptq'
        ? gptq(values, rows, columns, h, { ...grid, range, damping })
        : quantizeUniform(values, rows, columns, { ...grid, range });
    const coded = fillCodes(planned, codes);
    return { coded, values: decodeWeight(coded, rows, columns) };
  };
}

function planSum(
  layer: Layer,
  options: LowRankPlusQuantizedOptions,
  model: Model,
): Encoded | Refusal {
  const coded = planUniform(layer, options, model);
  if (isRefusal(coded)) return coded;
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const factor = { kind: 'plain', dataType: factorType(place, options) } as const;
  const product = { kind: 'product', rank: options.rank, left: factor, right: factor } as const;
  return planCodesPlusFactors(layer, coded, product, place.weight.dataType);
}

function filled(form: Encoded, { q, factors }: Best): Encoded {
  const { product } = halvesOf(form);
  const [left, right] = [requireKind(product.left, 'plain'), requireKind(product.right, 'plain')];
  return {
    kind: 'sum',
    parts: [
      q.coded,
      {
        ...product,
        left: { ...left, values: factors.left },
        right: { ...right, values: factors.right },
      },
    ],
  };
}

function minus(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value - b[i]);
}

function plus(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + b[i]);
}
