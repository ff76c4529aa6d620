import { isFloatType, fromFloat32, toFloat32 } from '../tensor/convert.ts';
import { elementCount } from '../tensor/data-type.ts';
import type { Fillings } from '../onnx/fill.ts';
import type { Model, Tensor } from '../onnx/types.ts';
import { tensorNamed } from './fill.ts';
import { FIXED, repeated, type Labels } from './labels.ts';
import type { KeyValueGroup } from './key-value-heads.ts';
import type { Piece } from './plan.ts';

/** How heads that become one are mixed: M_h [size, size] in front of head h, row-major; absent: the mean. */
export type Mixing = (part: 'key' | 'value', head: number) => Float64Array | undefined;

/** Heads of a group that become one: `times` neighbours each. */
export interface Pooling {
  readonly group: KeyValueGroup;
  readonly times: number;
  readonly mixing: Mixing;
}

/**
 * The bytes of the pieces when each `times` neighbouring heads become one: Σ_h M_h·W_h over the heads of a set, W_h the
 * rows of a weight (or entries of a bias) that belong to head h; everything else stays.
 */
export async function poolPieces(
  model: Model,
  pieces: readonly Piece[],
  poolings: ReadonlyMap<string, Pooling>,
): Promise<Fillings> {
  const filled = new Map<string, Uint8Array>();
  for (const piece of pieces) {
    const pooling = poolings.get(piece.group.name);
    if (pooling)
      filled.set(piece.tensor, await pooled(tensorNamed(model, piece.tensor), piece, pooling));
  }
  return filled;
}

/** A tensor as [outer, size, inner] around the axis that is cut. */
async function pooled(tensor: Tensor, piece: Piece, pooling: Pooling): Promise<Uint8Array> {
  const { dims, dataType, data } = tensor;
  const { axis } = piece;
  if (!isFloatType(dataType)) throw new Error(`"${tensor.name}" holds no floats to be pooled.`);
  const values = toFloat32(dataType, await data.read(), elementCount(dims));
  const [outer, inner] = [elementCount(dims.slice(0, axis)), elementCount(dims.slice(axis + 1))];
  const terms = termsOf(piece, dims[axis], pooling);
  const result = new Float32Array(outer * terms.length * inner);
  for (let o = 0; o < outer; o++) {
    terms.forEach((term, at) => {
      const to = (o * terms.length + at) * inner;
      for (const { index, weight } of term) {
        const from = (o * dims[axis] + index) * inner;
        for (let k = 0; k < inner; k++) result[to + k] += weight * values[from + k];
      }
    });
  }
  return fromFloat32(dataType, result);
}

interface Term {
  readonly index: number;
  readonly weight: number;
}

/** What each entry of the shorter axis is the sum of. */
function termsOf(piece: Piece, size: number, pooling: Pooling): readonly (readonly Term[])[] {
  const labels = repeated(piece.labels, size);
  const { times, group } = pooling;
  const parts = (['key', 'value'] as const).map((part) =>
    partLabels(group, part, piece.tensor, size),
  );
  const terms: Term[][] = [];
  labels.forEach((label, index) => {
    if (label === FIXED) terms.push([{ index, weight: 1 }]);
    else if (label % times === 0) terms.push(termOf(index, label));
  });
  return terms;

  function termOf(index: number, head: number): Term[] {
    const which = parts.findIndex((own) => own !== undefined && own[index] !== FIXED);
    const own = which < 0 ? labels : (parts[which] ?? labels);
    const places = placesOf(own);
    const at = places[head].indexOf(index);
    return Array.from({ length: times }, (_, j) => head + j).flatMap((one) => {
      const matrix = which < 0 ? undefined : pooling.mixing(which === 0 ? 'key' : 'value', one);
      const width = places[one].length;
      if (matrix?.length !== width * width) return [{ index: places[one][at], weight: 1 / times }];
      return places[one].map((place, c) => ({ index: place, weight: matrix[at * width + c] }));
    });
  }
}

function partLabels(
  { parts }: KeyValueGroup,
  part: 'key' | 'value',
  tensor: string,
  size: number,
): Labels | undefined {
  const mark = parts[part].get(tensor);
  return mark && repeated(mark.labels, size);
}

const known = new WeakMap<Labels, number[][]>();

/** The entries of each head, in order. */
function placesOf(labels: Labels): readonly (readonly number[])[] {
  const before = known.get(labels);
  if (before) return before;
  const places: number[][] = [];
  labels.forEach((label, index) => {
    if (label !== FIXED) (places[label] ??= []).push(index);
  });
  known.set(labels, places);
  return places;
}
