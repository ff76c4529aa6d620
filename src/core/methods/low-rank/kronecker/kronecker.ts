import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import { opsetOf, requireKind, standardOpset, type Kronecker } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { bitsPerElement } from '../../../tensor/data-type.ts';
import type { Refusal } from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { floatPlace, isRefusal } from '../../site.ts';
import { factorise, leftBasis, rightBasis } from '../factorise.ts';
import { factorType, typeProblem } from '../rank-plan.ts';
import { requireFinite } from '../require-finite.ts';
import { meta, shapeOf, type options as schema } from './meta.ts';

export type KroneckerOptions = z.infer<typeof schema>;

/**
 * The sum of `count` Kronecker products nearest to W, min ‖W − Σ_t A_t ⊗ B_t‖ (Van Loan & Pitsianis 1993): rows of R(W)
 * [m₁·n₁, m₂·n₂] are the blocks of W, R(A ⊗ B) = vec(A)·vec(B)ᵀ, so the SVD of R(W) has the terms.
 */
export const kronecker = encoderMethod<KroneckerOptions>(meta, {
  shareable: true,
  form: planKronecker,
  encode: async (weight, form, _seen, _options, { signal, progress }) => {
    throwIfCancelled(signal);
    requireFinite(weight);
    const { layer, values } = weight;
    const planned = requireKind(form, 'kronecker');
    const { count, rows: m1, columns: n1 } = planned;
    const sizes = { m1, n1, m2: layer.outFeatures / m1, n2: layer.inFeatures / n1 };
    const [blocks, entries] = [m1 * n1, sizes.m2 * sizes.n2];
    const rearranged = blocksAsRows(values, sizes);
    const basisOf = entries <= blocks ? rightBasis : leftBasis;
    const basis = basisOf(rearranged, blocks, entries);
    const { left, right } = factorise(rearranged, blocks, entries, basis, count);
    progress?.(1);
    const leftForm = requireKind(planned.left, 'plain');
    return {
      encoded: {
        ...planned,
        left: { ...leftForm, values: sideBySide(left, count, sizes) },
        // vec(B_t) are rows of `right`: [count, m₂·n₂] is [count·m₂, n₂] already.
        right: { ...requireKind(planned.right, 'plain'), values: right },
      },
    };
  },
});

interface Sizes {
  readonly m1: number;
  readonly n1: number;
  readonly m2: number;
  readonly n2: number;
}

/** R(W): row i₁·n₁ + j₁ is the block (i₁, j₁) of W, row by row. */
function blocksAsRows(w: Float32Array, { m1, n1, m2, n2 }: Sizes): Float32Array {
  const out = new Float32Array(w.length);
  const columns = n1 * n2;
  for (let i1 = 0; i1 < m1; i1++)
    for (let j1 = 0; j1 < n1; j1++)
      for (let i2 = 0; i2 < m2; i2++) {
        const from = (i1 * m2 + i2) * columns + j1 * n2;
        out.set(w.subarray(from, from + n2), ((i1 * n1 + j1) * m2 + i2) * n2);
      }
  return out;
}

/** [A_1 A_2 …] of the columns vec(A_t) of `left` [m₁·n₁, count]. */
function sideBySide(left: Float32Array, count: number, { m1, n1 }: Sizes): Float32Array {
  const out = new Float32Array(left.length);
  for (let i = 0; i < m1; i++)
    for (let j = 0; j < n1; j++)
      for (let t = 0; t < count; t++)
        out[i * count * n1 + t * n1 + j] = left[(i * n1 + j) * count + t];
  return out;
}

function planKronecker(layer: Layer, options: KroneckerOptions, model: Model): Kronecker | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const problem = typeProblem(layer, place);
  if (problem !== undefined) return { refused: problem };
  const shape = firstShape(layer, options);
  if (isRefusal(shape)) return shape;
  const factor = { kind: 'plain', dataType: factorType(place, options) } as const;
  const { rows, columns } = shape;
  const [m, n] = [layer.outFeatures, layer.inFeatures];
  const perTerm = (rows * columns + (m * n) / (rows * columns)) * bitsPerElement(factor.dataType);
  const whole = m * n * bitsPerElement(place.weight.dataType);
  const most = Math.min(rows * columns, (m * n) / (rows * columns));
  const { ratio } = options;
  const count = options.count ?? Math.max(1, Math.min(most, Math.floor((ratio * whole) / perTerm)));
  if (count * perTerm >= whole)
    return { refused: notSmaller(layer, shape, whole / perTerm, count) };
  const form: Kronecker = { kind: 'kronecker', count, ...shape, left: factor, right: factor };
  const [opset, least] = [standardOpset(model), opsetOf(form)];
  if (opset >= least) return form;
  return {
    refused: `"${layer.name}" is in a model of operator set ${opset}, and a Kronecker product needs ${least} or newer: export the model again with a newer operator set.`,
  };
}

/** Sizes of A: those asked for, else the divisors nearest to the square roots. */
function firstShape(
  { name, outFeatures, inFeatures }: Layer,
  { shape }: KroneckerOptions,
): { readonly rows: number; readonly columns: number } | Refusal {
  if (shape === undefined) return { rows: nearRoot(outFeatures), columns: nearRoot(inFeatures) };
  const [rows, columns] = shapeOf(shape);
  if (outFeatures % rows === 0 && inFeatures % columns === 0) return { rows, columns };
  return {
    refused: `"${name}" is ${outFeatures}×${inFeatures}, which a first factor of ${rows}×${columns} does not divide, so it was left as it is; choose divisors, or leave the shape out.`,
  };
}

/** The divisor d of n for which d and n/d are closest. */
function nearRoot(n: number): number {
  for (let d = Math.floor(Math.sqrt(n)); d > 1; d--) if (n % d === 0) return d;
  return 1;
}

function notSmaller(
  { name, outFeatures, inFeatures }: Layer,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  limit: number,
  count: number,
): string {
  const sizes = `${rows}×${columns} and ${outFeatures / rows}×${inFeatures / columns}`;
  return `"${name}" is ${outFeatures}×${inFeatures}, and factors of ${sizes} take fewer bytes only below ${limit.toFixed(1)} terms (break-even); ${count} would save nothing, so it was left as it is; choose fewer terms or another shape.`;
}
