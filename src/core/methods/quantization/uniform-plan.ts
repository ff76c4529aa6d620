import type { Layer } from '../../anatomy/types.ts';
import {
  codedScales,
  codedZeros,
  opsetOf,
  standardOpset,
  type Coded,
  type Numbers,
  type ScaleBits,
} from '../../encodings/index.ts';
import type { Bits } from '../../kernels/uniform.ts';
import type { Model } from '../../onnx/types.ts';
import { DataType, dataTypeName } from '../../tensor/data-type.ts';
import type { Refusal } from '../contract.ts';
import { floatPlace, isRefusal } from '../site.ts';

/** Scales as floats, or in codes of so many bits beside one float for each row. */
export type ScaleStorage = 'float32' | 'float16' | '8 bits' | '6 bits' | '4 bits';

/** Zero points as kernels take them, packed, or packed with those between two codes. */
export type ZeroStorage = 'codes' | 'packed' | 'half codes';

/** The part of a method's options that decides how codes on a uniform grid are stored. */
export interface UniformChoice {
  readonly bits: Bits;
  readonly blockSize: number | 'channel' | 'tensor';
  readonly symmetric: boolean;
  readonly scales: ScaleStorage;
  /** Of asymmetric grids; `codes` unless said. */
  readonly zeros?: ZeroStorage | undefined;
}

const SCALE_BITS = new Map<ScaleStorage, ScaleBits>([
  ['8 bits', 8],
  ['6 bits', 6],
  ['4 bits', 4],
]);

/** The codes a weight becomes in this model, without values; or why it cannot. */
export function planUniform(layer: Layer, choice: UniformChoice, model: Model): Coded | Refusal {
  const { bits, blockSize, symmetric, zeros = 'codes' } = choice;
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const columns = layer.inFeatures;
  const block = typeof blockSize === 'number';
  const half = place.elementType === DataType.float16;
  const groupSize = block ? Math.min(blockSize, columns) : columns;
  const coded: Coded = {
    ...{ kind: 'coded', bits, grid: 'integer' },
    granularity: block ? 'block' : blockSize,
    groupSize,
    scales: scalesOf(choice, Math.ceil(columns / groupSize), half),
    ...(!symmetric && {
      zeros:
        zeros === 'codes' ? { dataType: DataType.uint8 } : codedZeros(bits, zeros === 'half codes'),
    }),
  };
  const refused = siteProblem(layer, model, coded, place.elementType);
  return refused === undefined ? coded : { refused };
}

/** One scale for each row or less is not worth codes of its own. */
function scalesOf(
  { scales, symmetric, blockSize }: UniformChoice,
  groups: number,
  half: boolean,
): Numbers {
  const bits = SCALE_BITS.get(scales);
  if (bits !== undefined && typeof blockSize === 'number')
    return codedScales(bits, groups, symmetric);
  const short = scales !== 'float32' || half;
  return { dataType: short ? DataType.float16 : DataType.float32 };
}

/** Why a weight cannot be stored as codes in this model; undefined where it can. */
export function siteProblem(
  layer: Layer,
  model: Model,
  coded: Coded,
  elementType: number,
): string | undefined {
  const [opset, least] = [standardOpset(model), opsetOf(coded)];
  if (opset < least) {
    return `"${layer.name}" is in a model of operator set ${opset}, and a quantized weight needs ${least} or newer: export the model again with a newer operator set.`;
  }
  if (elementType === DataType.float32 || elementType === DataType.float16) return undefined;
  return `"${layer.name}" computes in ${dataTypeName(elementType) ?? 'an unknown type'}, and a quantized weight can only be unpacked to float32 or float16: convert the model to float32 first.`;
}
