import { throwIfCancelled } from '../errors/lathe-error.ts';
import type { Fillings } from '../onnx/fill.ts';
import type { Model } from '../onnx/types.ts';
import { fromFloat32, toFloat32 } from '../tensor/convert.ts';
import { elementCount } from '../tensor/data-type.ts';
import { transpose } from '../tensor/matrix.ts';
import type { FoldedModel, FoldedTensor } from './apply-folds.ts';
import type { Fold, Pattern } from './types.ts';

/** s of each fold's channels, positive and finite; tied channels have one. */
export type Scales = readonly Float64Array[];

/** The bytes of all that folds have a hole for, from the model that they were found in. */
export async function fillFolds(
  { tensors }: FoldedModel,
  ground: Model,
  scales: Scales,
  signal?: AbortSignal,
): Promise<Fillings> {
  const stored = new Map(ground.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const made = new Map<string, Uint8Array>();
  for (const tensor of tensors) {
    throwIfCancelled(signal);
    const source = tensor.source && (stored.get(tensor.source.name) ?? tensor.source);
    const values = await valuesOf({ ...tensor, ...(source && { source }) });
    for (const { fold, pattern, power } of tensor.factors) {
      multiply(values, tensor.dims, pattern, scales[fold], power);
    }
    made.set(tensor.name, fromFloat32(tensor.dataType, values, true));
  }
  return made;
}

async function valuesOf({ source, turned, dims }: FoldedTensor): Promise<Float32Array> {
  const count = elementCount(dims);
  if (source === undefined) return new Float32Array(count).fill(1);
  const values = toFloat32(source.dataType, await source.data.read(), count);
  return turned ? transpose(values, dims[1], dims[0]) : values.slice();
}

function multiply(
  values: Float32Array,
  dims: readonly number[],
  pattern: Pattern,
  s: Float64Array,
  power: 1 | -1,
): void {
  const index = dims.map(() => 0);
  for (let i = 0; i < values.length; i++) {
    let at = 0;
    for (let axis = 0; axis < dims.length; axis++) {
      at = at * pattern.dims[axis] + (pattern.dims[axis] === 1 ? 0 : index[axis]);
    }
    const label = pattern.labels[at];
    if (label >= 0) values[i] = power === 1 ? values[i] * s[label] : values[i] / s[label];
    for (let axis = dims.length - 1; axis >= 0 && ++index[axis] === dims[axis]; axis--)
      index[axis] = 0;
  }
}

/** What a weight W [outFeatures, inFeatures] is multiplied by: diag(rows)·W·diag(columns). */
export interface WeightFactors {
  readonly rows?: Float64Array;
  readonly columns?: Float64Array;
}

/** The factors of every layer that folds touch, by `layer.output`. */
export function weightFactors(
  folds: readonly Fold[],
  scales: Scales,
): ReadonlyMap<string, WeightFactors> {
  const found = new Map<string, WeightFactors>();
  folds.forEach(({ readers, rows }, at) => {
    const s = scales[at];
    for (const { output } of readers) found.set(output, { ...found.get(output), columns: s });
    for (const { layer, labels } of rows) {
      const own = Float64Array.from(labels, (label) => (label < 0 ? 1 : 1 / s[label]));
      found.set(layer.output, { ...found.get(layer.output), rows: own });
    }
  });
  return found;
}

/** W'[r,c] = rows[r] · W[r,c] · columns[c], in float32. */
export function scaledWeight(
  values: Float32Array,
  columns: number,
  { rows, columns: s }: WeightFactors,
): Float32Array {
  return values.map((w, i) => w * (s?.[i % columns] ?? 1) * (rows?.[Math.floor(i / columns)] ?? 1));
}

/** What a scaled weight stands for: {@link scaledWeight} undone. */
export function unscaledWeight(
  values: Float32Array,
  columns: number,
  { rows, columns: s }: WeightFactors,
): Float32Array {
  return values.map(
    (w, i) => w / ((s?.[i % columns] ?? 1) * (rows?.[Math.floor(i / columns)] ?? 1)),
  );
}

/** Tied channels get the geometric mean of their scales. */
export function tieScales({ ties }: Pick<Fold, 'ties'>, s: Float64Array): Float64Array {
  const root = Int32Array.from(s, (_, i) => i);
  const find = (i: number): number => {
    while (root[i] !== i) i = root[i];
    return i;
  };
  for (const [a, b] of ties) if (a >= 0 && b >= 0) root[find(b)] = find(a);
  const [sums, counts] = [new Float64Array(s.length), new Float64Array(s.length)];
  s.forEach((value, i) => {
    sums[find(i)] += Math.log(value);
    counts[find(i)] += 1;
  });
  if (ties.length === 0) return s;
  return s.map((_, i) => Math.exp(sums[find(i)] / counts[find(i)]));
}
