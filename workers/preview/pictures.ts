import type { LayerWeight } from '../../src/core/methods/contract.ts';
import { PreviewWeight, type Frame, type Pictured } from '../../src/core/kernels/preview.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import type { TensorPicture } from '../protocol.ts';

/** A layer ready to be previewed again and again: its weight, its picture before, and what both share. */
export interface Subject {
  readonly weight: LayerWeight;
  /** Where it comes from: which forms it can take depends on what surrounds it. */
  readonly model: Model;
  readonly resident: PreviewWeight;
  readonly frame: Frame;
  readonly before: TensorPicture;
  /** ‖W‖². */
  readonly signal: number;
}

/** Everything that is computed once per layer and stays while a slider moves. */
export function subjectOf(model: Model, weight: LayerWeight, cells: number, bins: number): Subject {
  const { values, layer } = weight;
  const { outFeatures: rows, inFeatures: columns } = layer;
  const heat = { heatRows: Math.min(rows, cells), heatColumns: Math.min(columns, cells) };
  const frame = { rows, columns, ...heat, ...rangeOf(values), bins };
  const resident = new PreviewWeight(values, frame);
  return {
    weight,
    model,
    resident,
    frame,
    before: pictureOf(resident.dense(values)),
    signal: values.reduce((sum, w) => sum + w * w, 0),
  };
}

export function pictureOf({ heat, histogram }: Pictured): TensorPicture {
  return { heat, histogram };
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
