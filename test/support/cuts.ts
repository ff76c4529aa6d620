import type { CutGroup } from '../../src/core/cuts/group.ts';
import { fillPieces, indicesThatStay, tensorNamed, type Kept } from '../../src/core/cuts/fill.ts';
import { planCut, type CutPlan, type Piece } from '../../src/core/cuts/plan.ts';
import { repeated } from '../../src/core/cuts/labels.ts';
import { fillHoles, type Fillings } from '../../src/core/onnx/fill.ts';
import { memoryData } from '../../src/core/onnx/tensor-data.ts';
import type { Model, Tensor } from '../../src/core/onnx/types.ts';
import { elementCount } from '../../src/core/tensor/data-type.ts';
import type { Value } from '../../src/core/tensor/values.ts';
import { distance, runModel } from './run-model.ts';

export interface CutModels {
  readonly plan: CutPlan;
  readonly cut: Model;
  /** The model whole, with what the members that go would have added taken out. */
  readonly masked: Model;
}

/** The model with only the members of `kept`. */
export async function cutAndMasked(
  model: Model,
  groups: readonly CutGroup[],
  kept: Kept,
): Promise<CutModels> {
  const plan = planCut(
    model,
    groups.map((group) => ({ group, keep: keptOfEach(group, kept) })),
  );
  const cut = fillHoles(plan.model, await fillPieces(model, plan.pieces, kept));
  return { plan, cut, masked: masked(model, plan.pieces, kept) };
}

function keptOfEach({ name, members, strata = 1 }: CutGroup, kept: Kept): number {
  return (kept.get(name)?.length ?? members * strata) / strata;
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
  const stays = new Set(indicesThatStay(piece, size, kept));
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

/** The members of each group without one, another one in each run. */
export function withoutOne(groups: readonly CutGroup[]): Kept {
  return new Map(
    groups.map(({ name, members, strata = 1 }, g) => [
      name,
      Array.from({ length: members * strata }, (_, i) => i).filter(
        (i) => i % members !== (g + Math.floor(i / members)) % members,
      ),
    ]),
  );
}

type Values = Readonly<Record<string, Value>>;

/**
 * How far the outputs of the cut model are from those of the masked one, at most; caches go in and are compared with
 * the heads that stay. Infinity when a shape is another than expected, or than the file declares.
 */
export async function farthest(
  { cut, masked: whole }: CutModels,
  groups: readonly CutGroup[],
  kept: Kept,
  feeds: Values,
): Promise<number> {
  const shorter = (name: string, value: Value) => staying(groups, kept, name, value);
  const less = Object.entries(feeds).map(([name, value]) => [name, shorter(name, value)] as const);
  const found = await runModel(cut, Object.fromEntries(less));
  const wanted = await runModel(whole, feeds);
  const apart = cut.graph.outputs.map(({ name, type }) => {
    const [own, other] = [found.get(name), wanted.get(name)];
    const dims = other && shorter(name, other).dims;
    const declared = type?.dims?.every(
      ({ value }, at) => value === undefined || value === own?.dims[at],
    );
    if (declared === false || dims?.join() !== own?.dims.join()) return Infinity;
    return distance(own, other && shorter(name, other));
  });
  return Math.max(...apart);
}

function staying(groups: readonly CutGroup[], kept: Kept, name: string, value: Value): Value {
  const group = groups.find(({ marks }) => marks.has(name));
  const mark = group?.marks.get(name);
  if (!group || !mark) return value;
  const { axis, labels } = mark;
  const { dims, data } = value;
  const stays = indicesThatStay({ labels, group }, dims[axis], kept);
  const inner = elementCount(dims.slice(axis + 1));
  const outer = elementCount(dims.slice(0, axis));
  const next = data.slice(0, outer * stays.length * inner);
  for (let o = 0; o < outer; o++) {
    stays.forEach((i, at) => {
      const from = (o * dims[axis] + i) * inner;
      for (let k = 0; k < inner; k++) next[(o * stays.length + at) * inner + k] = data[from + k];
    });
  }
  return { ...value, dims: dims.with(axis, stays.length), data: next };
}

/** The model as it was, with every member of a set having what the set was pooled to. */
export function unpooled(model: Model, pieces: readonly Piece[], fillings: Fillings): Model {
  const cut = new Map(pieces.map((piece) => [piece.tensor, piece]));
  const initializers = model.graph.initializers.map((tensor) => {
    const [piece, bytes] = [cut.get(tensor.name), fillings.get(tensor.name)];
    return piece && bytes
      ? { ...tensor, data: memoryData(spreadOut(tensor, piece, bytes)) }
      : tensor;
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

/** Every member of a group of one has what member 0 has. */
function spreadOut({ dims }: Tensor, { axis, labels }: Piece, bytes: Uint8Array): Uint8Array {
  const owner = repeated(labels, dims[axis]);
  const places = new Map<string, number>();
  const counts = new Map<number, number>();
  let next = 0;
  const from = Array.from(owner, (label) => {
    const at = counts.get(label) ?? 0;
    counts.set(label, at + 1);
    if (label < 0) return next++;
    const key = String(at);
    if (label === 0) places.set(key, next++);
    return places.get(key) ?? 0;
  });
  return rearranged(dims, axis, from, next, bytes);
}

function rearranged(
  dims: readonly number[],
  axis: number,
  from: readonly number[],
  size: number,
  bytes: Uint8Array,
): Uint8Array {
  const outer = elementCount(dims.slice(0, axis));
  const run = bytes.byteLength / (outer * size);
  const result = new Uint8Array(outer * from.length * run);
  for (let o = 0; o < outer; o++) {
    from.forEach((place, at) => {
      const start = (o * size + place) * run;
      result.set(bytes.subarray(start, start + run), (o * from.length + at) * run);
    });
  }
  return result;
}

/** As {@link farthest}, of a model whose groups have one member left: the first. Caches must then hold equal members. */
export async function farthestFrom(
  cut: Model,
  whole: Model,
  groups: readonly CutGroup[],
  feeds: Values,
): Promise<number> {
  const first: Kept = new Map(groups.map(({ name }) => [name, [0]]));
  const alike = Object.entries(feeds).map(([name, value]) => {
    const group = groups.find(({ marks }) => marks.has(name));
    const mark = group?.marks.get(name);
    if (!group || !mark) return [name, value] as const;
    const { axis } = mark;
    const one = staying([group], first, name, value);
    const inner = elementCount(one.dims.slice(axis + 1));
    const data = value.data.slice();
    for (let i = 0; i < data.length; i++) {
      const block = Math.floor(i / inner);
      data[i] =
        one.data[Math.floor(block / value.dims[axis]) * one.dims[axis] * inner + (i % inner)];
    }
    return [name, { ...value, data }] as const;
  });
  const masked = whole;
  const plan: CutPlan = { model: cut, pieces: [], failed: [] };
  return farthest({ plan, cut, masked }, groups, first, Object.fromEntries(alike));
}
