import type { CutGroup } from '../../src/core/cuts/group.ts';
import { fillPieces, indicesThatStay, tensorNamed, type Kept } from '../../src/core/cuts/fill.ts';
import { planCut, type Piece } from '../../src/core/cuts/plan.ts';
import { fillHoles } from '../../src/core/onnx/fill.ts';
import { memoryData } from '../../src/core/onnx/tensor-data.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { elementCount } from '../../src/core/tensor/data-type.ts';

/** The model with only the members of `kept`, and the same model whole with what they would have added taken out. */
export async function cutAndMasked(model: Model, groups: readonly CutGroup[], kept: Kept) {
  const cuts = groups.map((group) => ({
    group,
    keep: kept.get(group.name)?.length ?? group.members,
  }));
  const plan = planCut(model, cuts);
  const cut = fillHoles(plan.model, await fillPieces(model, plan.pieces, kept));
  return { plan, cut, masked: masked(model, plan.pieces, kept) };
}

/** Zeros where the weights that read the members have the columns of those that go. */
function masked(model: Model, pieces: readonly Piece[], kept: Kept): Model {
  const readers = pieces.filter(({ tensor, group }) =>
    group.readers.some(({ weight }) => weight === tensor),
  );
  const zeroed = new Map(
    readers.map((piece) => [piece.tensor, withZeros(model, piece, kept)] as const),
  );
  const initializers = model.graph.initializers.map((tensor) => {
    const bytes = zeroed.get(tensor.name);
    return bytes ? { ...tensor, data: memoryData(bytes) } : tensor;
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

function withZeros(model: Model, piece: Piece, kept: Kept): Uint8Array {
  const { dims, data } = tensorNamed(model, piece.tensor);
  const bytes = (data.readSync?.() ?? new Uint8Array()).slice();
  const size = dims[piece.axis];
  const stays = new Set(indicesThatStay(piece, size, kept.get(piece.group.name) ?? []));
  const inner = elementCount(dims.slice(piece.axis + 1));
  const width = bytes.byteLength / elementCount(dims);
  for (let i = 0; i < elementCount(dims); i++) {
    const index = Math.floor(i / inner) % size;
    if (!stays.has(index)) bytes.fill(0, i * width, (i + 1) * width);
  }
  return bytes;
}

/** Every group's members without every `n`-th, from another one on in each group. */
export function withoutEvery(groups: readonly CutGroup[], n: number): Kept {
  return new Map(
    groups.map(({ name, members }, g) => [
      name,
      Array.from({ length: members }, (_, i) => i).filter((i) => (i + g) % n !== 0),
    ]),
  );
}
