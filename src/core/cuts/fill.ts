import type { Fillings } from '../onnx/fill.ts';
import { tensorAttribute } from '../onnx/graph/attributes.ts';
import type { Model, Tensor } from '../onnx/types.ts';
import { byteLengthOf } from '../tensor/data-type.ts';
import { FIXED, repeated, type Labels } from './labels.ts';
import type { CutGroup } from './group.ts';
import type { Piece } from './plan.ts';

/** Which members of a group stay, ascending, by the name of the group; of several runs, equally many of each. */
export type Kept = ReadonlyMap<string, readonly number[]>;

/**
 * The bytes of every piece with the members that stay, in their old order: what a `FillWork` gives back. `model` is
 * the ground, whose tensors are whole. Compensation may put other bytes in the place of some.
 */
export async function fillPieces(
  model: Model,
  pieces: readonly Piece[],
  kept: Kept,
): Promise<Fillings> {
  const filled = new Map<string, Uint8Array>();
  for (const piece of pieces) filled.set(piece.tensor, await filledPiece(model, piece, kept));
  return filled;
}

async function filledPiece(model: Model, piece: Piece, kept: Kept): Promise<Uint8Array> {
  const tensor = tensorNamed(model, piece.tensor);
  const stays = indicesThatStay(piece, tensor.dims[piece.axis], kept);
  return takeAlong(tensor, await tensor.data.read(), piece.axis, stays);
}

/** The indices of the piece's axis, of `size` entries, that stay. Of a group that is not named, all. */
export function indicesThatStay(
  { labels, group }: Pick<Piece, 'labels' | 'group'>,
  size: number,
  kept: Kept,
): readonly number[] {
  const whole = repeated(labels, size);
  const members = kept.get(group.name);
  if (members === undefined) return [...whole.keys()];
  const stays = new Set([...members, FIXED]);
  const owners = ownersOf(whole, group);
  return Array.from(whole.keys()).filter((index) => stays.has(owners[index]));
}

/**
 * The member of the whole model that each index of an axis belongs to. Labels of one run name members of every run;
 * their indices lie run after run.
 */
export function ownersOf(labels: Labels, { members, strata = 1 }: CutGroup): Labels {
  if (strata === 1) return labels;
  const total = new Map<number, number>();
  for (const label of labels) total.set(label, (total.get(label) ?? 0) + 1);
  const seen = new Map<number, number>();
  return labels.map((label) => {
    if (label === FIXED) return FIXED;
    const at = seen.get(label) ?? 0;
    seen.set(label, at + 1);
    return Math.floor((at * strata) / (total.get(label) ?? 1)) * members + label;
  });
}

/** The initializer of this name, or what the Constant that makes the value holds. */
export function tensorNamed({ graph }: Model, name: string): Tensor {
  const stored = graph.initializers.find((tensor) => tensor.name === name);
  if (stored) return stored;
  const node = graph.nodes.find(({ outputs }) => outputs.includes(name));
  const inside = node && tensorAttribute(node, 'value');
  if (inside) return inside;
  throw new Error(`No tensor "${name}" in the model that the cut was planned for.`);
}

/** The entries at `indices` of one axis, as bytes; whole bytes for each entry. */
function takeAlong(
  { dataType, dims }: Tensor,
  bytes: Uint8Array,
  axis: number,
  indices: readonly number[],
): Uint8Array {
  const run = byteLengthOf(dataType, dims.slice(axis + 1));
  const outer = dims.slice(0, axis).reduce((a, b) => a * b, 1);
  const result = new Uint8Array(outer * indices.length * run);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices) {
      const from = (o * dims[axis] + index) * run;
      result.set(bytes.subarray(from, from + run), to);
      to += run;
    }
  }
  return result;
}
