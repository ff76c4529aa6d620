import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import { requireKind, type Product } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { gemm } from '../../../kernels/gemm.ts';
import { symmetricEigen } from '../../../linalg/eigen.ts';
import type { Model } from '../../../onnx/types.ts';
import { transpose } from '../../../tensor/matrix.ts';
import type { Method, Refusal } from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { floatPlace, isRefusal } from '../../site.ts';
import { filledFactors, plannedFactors } from '../factors.ts';
import { rankBelow } from '../rank.ts';
import { meta, type options as schema } from './meta.ts';

export type FactorEmbeddingOptions = z.infer<typeof schema>;

const encoding = encoderMethod<FactorEmbeddingOptions>(meta, {
  shareable: true,
  form: (layer, options, model) => formOf(layer, options, model),
  encode: async ({ layer, values }, planned, _seen, _options, { signal, progress }) => {
    throwIfCancelled(signal);
    const { outFeatures, inFeatures } = layer;
    const { rank } = requireKind(planned, 'product');
    const { left, right } = principal(values, outFeatures, inFeatures, rank);
    progress?.(1);
    return { encoded: filledFactors(planned, left, right) };
  },
});

/**
 * E [V, d] ≈ A·B with A = E·V_r [V, r] and B = V_rᵀ [r, d], V_r the eigenvectors of EᵀE with the r largest eigenvalues: the
 * truncated SVD, the least ‖E − AB‖_F of rank r. Only embeddings, and output heads that read one of them.
 */
export const factorEmbedding: Method<FactorEmbeddingOptions> = {
  ...encoding,
  plan: (ground, targets, options, context) => {
    const tables = ground.anatomy.layers.filter(({ role }) => role === 'embedding');
    const weights = new Set(tables.map(({ weight }) => weight));
    const chosen = targets.filter(
      ({ role, weight }) => role === 'embedding' || (role === 'output-head' && weights.has(weight)),
    );
    return encoding.plan(ground, chosen, options, context);
  },
};

function formOf(layer: Layer, options: FactorEmbeddingOptions, model: Model): Product | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const { outFeatures: rows, inFeatures: columns } = layer;
  const rank = rankBelow(
    { own: rows, shared: columns, whole: rows * columns },
    options,
    layer.name,
  );
  if (typeof rank !== 'number') return rank;
  return plannedFactors(rank, place.weight.dataType);
}

function principal(e: Float32Array, rows: number, columns: number, rank: number) {
  const gram = gemm(columns, columns, rows, e, e, { transposeA: true });
  const { vectors } = symmetricEigen(gram, columns);
  const basis = new Float32Array(columns * rank);
  for (let c = 0; c < columns; c++) {
    for (let k = 0; k < rank; k++) basis[c * rank + k] = vectors[c * columns + k];
  }
  return { left: gemm(rows, rank, columns, e, basis), right: transpose(basis, columns, rank) };
}
