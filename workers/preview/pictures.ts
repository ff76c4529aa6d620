import { storedWeightOf, type Encoded } from '../../src/core/encodings/index.ts';
import type { LayerWeight } from '../../src/core/methods/contract.ts';
import { PreviewWeight, type Frame } from '../../src/core/kernels/preview.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import type { Preview } from './picture.ts';

/** A layer ready to be previewed again and again: its weight, its picture before, and what both share. */
export interface Subject {
  readonly weight: LayerWeight;
  /** Where it comes from: which forms it can take depends on what surrounds it. */
  readonly model: Model;
  /** The codes that the weight is stored as already, where it is. */
  readonly stored?: Encoded;
  readonly resident: PreviewWeight;
  readonly frame: Frame;
  readonly overview: Preview['overview'];
  readonly histogram: Float64Array;
  /** ‖W‖². */
  readonly signal: number;
}

/** Everything that is computed once per layer and stays while a slider moves. */
export async function subjectOf(
  model: Model,
  weight: LayerWeight,
  cells: number,
  bins: number,
): Promise<Subject> {
  const { values, layer } = weight;
  const { outFeatures: rows, inFeatures: columns } = layer;
  const heat = { heatRows: Math.min(rows, cells), heatColumns: Math.min(columns, cells) };
  const frame = { rows, columns, ...heat, ...rangeOf(values), bins };
  const resident = new PreviewWeight(values, frame);
  const before = resident.dense(values);
  const stored = await storedWeightOf(model, layer)?.read();
  return {
    ...{ weight, model, resident, frame, histogram: before.histogram },
    ...(stored && { stored }),
    overview: { rows: heat.heatRows, columns: heat.heatColumns, values: before.heat },
    signal: values.reduce((sum, w) => sum + w * w, 0),
  };
}

/** Smallest and largest finite value; 0 and 0 when there is none. */
export function rangeOf(values: Float32Array): { minimum: number; maximum: number } {
  let minimum = Infinity;
  let maximum = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < minimum && value > -Infinity) minimum = value;
    if (value > maximum && value < Infinity) maximum = value;
  }
  return minimum <= maximum ? { minimum, maximum } : { minimum: 0, maximum: 0 };
}
