import type { Layer } from '../../../anatomy/types.ts';
import {
  decodeStored,
  openStored,
  placeOf,
  type MatrixLayout,
  type StoredWeight,
} from '../../../encodings/index.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { unpackCodes } from '../../../kernels/pack.ts';
import type { Fillings } from '../../../onnx/fill.ts';
import type { Model, Tensor } from '../../../onnx/types.ts';
import { fromFloat32, isFloatType, toFloat32 } from '../../../tensor/convert.ts';
import { DataType, elementCount } from '../../../tensor/data-type.ts';
import { transpose } from '../../../tensor/matrix.ts';

/** A weight stored sparse: one bit per entry [out, in], and the kept values row by row. */
export interface PackedWeight {
  readonly layer: Layer;
  readonly mask: Tensor;
  readonly kept: Tensor;
  readonly rows: number;
  readonly columns: number;
}

/** The two tensors of a weight that is stored sparse in floating point; undefined for any other form. */
export function packedWeight(
  stored: StoredWeight | undefined,
  layer: Layer,
): PackedWeight | undefined {
  if (stored?.tensors.length !== 2) return undefined;
  const [mask, kept] = stored.tensors;
  const { rows, columns } = stored;
  const bits = mask.dataType === DataType.uint8 && mask.dims.length === 1;
  const whole = mask.dims[0] === Math.ceil((rows * columns) / 8);
  const line = isFloatType(kept.dataType) && kept.dims.length === 2 && kept.dims[0] === 1;
  return bits && whole && line ? { layer, mask, kept, rows, columns } : undefined;
}

/** The model with these weights as plain matrices, zeros where nothing is kept; without values while planning. */
export function opened(
  model: Model,
  packed: readonly PackedWeight[],
  planning: boolean,
): Model | Promise<Model> {
  const layers = packed.map(({ layer }) => layer);
  return planning ? openStored(model, layers) : decodeStored(model, layers);
}

/** A sparse weight as the plain matrix it is while it trains. */
export interface OpenedWeight extends PackedWeight {
  readonly dense: Tensor;
  readonly layout: MatrixLayout;
}

/** Where these weights lie in the opened model. */
export function placedIn(model: Model, packed: readonly PackedWeight[]): readonly OpenedWeight[] {
  return packed.map((weight) => {
    const place = placeOf(model, weight.layer);
    if (place === undefined) throw lost(weight);
    return { ...weight, dense: place.weight, layout: place.stored };
  });
}

/** Trained bytes by name, with the kept values of sparse weights in place of the matrices they were trained as. */
export async function withPacked(
  trained: Fillings,
  packed: readonly OpenedWeight[],
): Promise<Fillings> {
  const fillings = new Map(trained);
  for (const weight of packed) {
    const { dense, layout, rows, columns, kept } = weight;
    const bytes = trained.get(dense.name);
    if (bytes === undefined) throw lost(weight);
    const values = toFloat32(dense.dataType, bytes, rows * columns);
    const laid = layout === 'in-out' ? transpose(values, columns, rows) : values;
    fillings.delete(dense.name);
    fillings.set(kept.name, await keptOf(weight, laid));
  }
  return fillings;
}

async function keptOf({ mask, kept, rows, columns }: PackedWeight, values: Float32Array) {
  const bits = unpackCodes(await mask.data.read(), 1, rows * columns);
  const chosen = values.filter((_, at) => bits[at] !== 0);
  const stored = new Float32Array(elementCount(kept.dims));
  stored.set(chosen.subarray(0, stored.length));
  return fromFloat32(kept.dataType, stored, true);
}

function lost({ layer }: PackedWeight): LatheError {
  return new LatheError(
    'heal-packed',
    `The trained weight of "${layer.name}" could not be found again, so it cannot be stored sparse; report this model.`,
    { layer: layer.name },
  );
}
