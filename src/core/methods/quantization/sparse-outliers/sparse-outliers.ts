import {
  decodeWeight,
  gapBitsFor,
  opsetOf,
  requireKind,
  standardOpset,
  type Encoded,
} from '../../../encodings/index.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { exceedsHalf } from '../../../tensor/half.ts';
import type { Refusal } from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { isRefusal } from '../../site.ts';
import { densePart } from '../dense-part.ts';
import { tiesTogether } from '../uniform-options.ts';
import { lookOf, outliersOf } from './outliers.ts';
import { meta, type SparseOutliersOptions } from './meta.ts';

/**
 * SpQR (Dettmers et al. 2023), SqueezeLLM (Kim et al. 2023): Ŵ = Q(W − S) + S. S keeps the most sensitive weights as halves, and
 * the codes of all others lie on grids that no longer have to reach so far. Throws `weight-not-finite`.
 */
export const sparseOutliers = encoderMethod<SparseOutliersOptions>(meta, {
  shareable: true,
  ties: tiesTogether,
  look: lookOf,
  form: planForm,
  encode: async (weight, form, seen, options, context) => {
    const { layer, values: w } = weight;
    const [first, second] = requireKind(form, 'sum').parts;
    const [codes, sparse] = [requireKind(first, 'coded'), requireKind(second, 'sparse')];
    const positions = outliersOf(weight, { codes, sparse }, seen, options);
    throwIfCancelled(context.signal);
    const dense = w.slice();
    for (const position of positions) dense[position] = 0;
    const part = densePart(options);
    const q = await part.encode({ ...weight, values: dense }, codes, seen, context);
    // WHY not where errors are fed back: what a column's place took over for others has to stay there.
    const rounded = part.feedsBack
      ? undefined
      : decodeWeight(q.encoded, layer.outFeatures, layer.inFeatures);
    const kept = Float32Array.from(positions, (at) => w[at] - (rounded?.[at] ?? 0));
    const values = { ...requireKind(sparse.values, 'plain'), values: kept };
    const cut = exceedsHalf(kept) ? [cutWarning(layer.name)] : [];
    return {
      encoded: { kind: 'sum', parts: [q.encoded, { ...sparse, positions, values }] },
      warnings: [...(q.warnings ?? []), ...cut],
    };
  },
});

function planForm(layer: Layer, options: SparseOutliersOptions, model: Model): Encoded | Refusal {
  const coded = densePart(options).form(layer, model);
  if (isRefusal(coded)) return coded;
  const count = layer.outFeatures * layer.inFeatures;
  const keep = Math.max(1, Math.round(options.ratio * count));
  const values = { kind: 'plain', dataType: DataType.float16 } as const;
  const sparse = { kind: 'sparse', keep, gapBits: gapBitsFor(keep, count), values } as const;
  const [opset, least] = [standardOpset(model), opsetOf(sparse)];
  if (opset >= least) return { kind: 'sum', parts: [coded, sparse] };
  return {
    refused: `"${layer.name}" is in a model of operator set ${opset}, and a weight stored sparse needs ${least} or newer: export the model again with a newer operator set.`,
  };
}

function cutWarning(name: string): string {
  return `"${name}" has outliers beyond ±65504, the largest a half can hold, which were cut to it; leave this layer out.`;
}
