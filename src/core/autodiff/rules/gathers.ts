import { intAttribute, stringAttribute } from '../../onnx/graph/attributes.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Value } from '../../tensor/values.ts';
import { product, resolveAxis, stridesOf } from '../dims.ts';
import type { Emitter } from '../emitter.ts';
import type { GradientContext, GradientEntry } from '../types.ts';
import { placed } from './pieces.ts';
import { noGradientForm } from './read-node.ts';

function zerosLike({ emit, dy, dims }: GradientContext, index = 0): string {
  return emit.expand(emit.scalar(0, emit.dataType(dy)), dims(index));
}

/**
 * y = x[…, indices, …] along an axis: ∂L/∂x = Σ of ∂L/∂y over the places that read each element.
 * Constant neighbours (one index, positions 0, 1, 2 …) are a pad; else rows of a table are added up,
 * and along other axes the axis goes first and back.
 */
function gather(context: GradientContext): string[] {
  const { node, emit, dy, input, dims } = context;
  const [sizes, places] = [dims(0), dims(1)];
  const axis = resolveAxis(intAttribute(node, 'axis', 0), sizes.length);
  const run = neighbours(emit.constant(input(1)), sizes[axis]);
  if (run) {
    const piece = emit.reshape(dy, sizes.with(axis, run.count));
    return [placed(emit, piece, axis, run.start, sizes[axis])];
  }
  const front = toFront(emit, dy, axis, places.length);
  const moved = [sizes[axis], ...sizes.toSpliced(axis, 1)];
  const count = product(places);
  const updates = emit.reshape(front, [count, product(moved.slice(1))]);
  const sum = addedRows(emit, sizes[axis], emit.reshape(input(1), [count, 1]), updates);
  const order = moved.map((_, at) => (at < axis ? at + 1 : at === axis ? 0 : at));
  return [emit.transpose(emit.reshape(sum, moved), order)];
}

/**
 * A table [rows, width] of zeros to whose row indices[k] row k of the updates [count, width] is added.
 * By ScatterElements: onnxruntime's ScatterND adds on several threads at once without a lock, so rows
 * that are read twice lose some of their gradient. In float32: onnxruntime adds no halves.
 */
export function addedRows(emit: Emitter, rows: number, indices: string, updates: string): string {
  const [count, width] = emit.dims(updates);
  const type = emit.dataType(updates);
  const wide = type === DataType.float16 ? emit.cast(updates, DataType.float32) : updates;
  const zeros = emit.expand(emit.scalar(0, emit.dataType(wide)), [rows, width]);
  const spread = emit.expand(indices, [count, width]);
  const attributes = { axis: 0, reduction: 'add' };
  const sum = emit.op('ScatterElements', [zeros, spread, wide], [rows, width], { attributes });
  return emit.cast(sum, type);
}

/** Constant indices that follow each other without a gap. */
function neighbours(known: Value | undefined, size: number) {
  const indices = Array.from((known?.data ?? []) as ArrayLike<number | bigint>, (index) =>
    resolveAxis(Number(index), size),
  );
  const start = indices[0];
  const follow = indices.every((index, k) => index === start + k);
  return indices.length > 0 && follow ? { start, count: indices.length } : undefined;
}

/** The `count` axes from `axis` on come first. */
function toFront(emit: Emitter, x: string, axis: number, count: number): string {
  const order = emit.dims(x).map((_, at) => at);
  const moved = order.splice(axis, count);
  return emit.transpose(x, [...moved, ...order]);
}

/**
 * y[i] = x[… indices[i] …] along an axis: ∂L/∂x = Σ of ∂L/∂y over the places that read each element.
 * Where each line gives one element (the label of a row), it is a comparison with 0, 1, 2 …
 */
function gatherElements(context: GradientContext): string[] {
  const { node, emit, dy, input, dims } = context;
  const [sizes, places] = [dims(0), dims(1)];
  const axis = resolveAxis(intAttribute(node, 'axis', 0), sizes.length);
  const sameElsewhere = sizes.every((size, at) => at === axis || size === places[at]);
  if (places[axis] === 1 && sameElsewhere) return [pickedLine(context, axis)];
  const zeros = zerosLike(context);
  const attributes = { axis, reduction: 'add' };
  return [emit.op('ScatterElements', [zeros, input(1), dy], sizes, { attributes })];
}

/** ∂L/∂y where the position along the axis is the index, else 0; negative indices count from the end. */
function pickedLine({ emit, dy, input, dims }: GradientContext, axis: number): string {
  const sizes = dims(0);
  const type = emit.dataType(dy);
  const zero = emit.scalar(0, type);
  const shape = sizes.map((size, at) => (at === axis ? size : 1));
  const positions = emit.reshape(
    emit.store(
      [sizes[axis]],
      Float32Array.from({ length: sizes[axis] }, (_, k) => k),
    ),
    shape,
  );
  const index = emit.cast(input(1), DataType.float32);
  const wrapped = emit.where(
    emit.compare('Less', index, emit.scalar(0)),
    emit.add(index, emit.scalar(sizes[axis])),
    index,
  );
  return emit.where(emit.compare('Equal', wrapped, positions), dy, zero);
}

/** y = x[indices] with whole coordinates: ∂L/∂x = Σ of ∂L/∂y over the places that read each element. */
function gatherND(context: GradientContext): string[] {
  const { node, emit, dy, dims } = context;
  const batch = intAttribute(node, 'batch_dims', 0);
  const depth = dims(1)[dims(1).length - 1];
  const sizes = dims(0);
  const rows = product(sizes.slice(0, batch + depth));
  const count = product(dims(1).slice(0, -1));
  const updates = emit.reshape(dy, [count, product(sizes.slice(batch + depth))]);
  const sum = addedRows(emit, rows, rowIndices(context, batch, depth), updates);
  return [emit.reshape(sum, sizes)];
}

/** Coordinates as positions in x seen as rows: Σ coordinate·stride, plus where the batch begins. */
function rowIndices({ emit, input, dims }: GradientContext, batch: number, depth: number): string {
  const outer = dims(1).slice(0, -1);
  const count = product(outer);
  const axes = dims(0).slice(batch, batch + depth);
  const coordinates = emit.reshape(input(1), [count, depth]);
  const sizes = emit.integers(...axes);
  const negative = emit.compare('Less', coordinates, emit.integer(0));
  const wrapped = emit.where(negative, emit.add(coordinates, sizes), coordinates);
  const steps = emit.integers(...stridesOf(axes));
  const within = emit.reduceSum(emit.mul(wrapped, steps), [1]);
  if (batch === 0) return within;
  const inner = product(outer.slice(batch));
  const begins = BigInt64Array.from({ length: count }, (_, row) =>
    BigInt(Math.floor(row / inner) * product(axes)),
  );
  return emit.add(within, emit.store([count, 1], begins));
}

/**
 * y = x with y[indices] = u (or += u with reduction "add"): ∂L/∂u = ∂L/∂y[indices];
 * ∂L/∂x = ∂L/∂y, with zeros at the indices where they were overwritten.
 */
function scatterND(context: GradientContext): (string | undefined)[] {
  const { emit, dy, input, dims, wants } = context;
  const kept = () => emit.op('ScatterND', [dy, input(1), zerosLike(context, 2)], dims(0));
  return [
    wants(0) ? (adds(context) ? dy : kept()) : undefined,
    undefined,
    wants(2) ? emit.op('GatherND', [dy, input(1)], dims(2)) : undefined,
  ];
}

/** As ScatterND, with indices along one axis. */
function scatterElements(context: GradientContext): (string | undefined)[] {
  const { node, emit, dy, input, dims, wants } = context;
  const attributes = { axis: intAttribute(node, 'axis', 0) };
  const kept = () =>
    emit.op('ScatterElements', [dy, input(1), zerosLike(context, 2)], dims(0), { attributes });
  return [
    wants(0) ? (adds(context) ? dy : kept()) : undefined,
    undefined,
    wants(2) ? emit.op('GatherElements', [dy, input(1)], dims(2), { attributes }) : undefined,
  ];
}

function adds(context: GradientContext): boolean {
  const reduction = stringAttribute(context.node, 'reduction', 'none');
  if (reduction === 'none' || reduction === 'add') return reduction === 'add';
  throw noGradientForm(context, `with the reduction "${reduction}"`);
}

const GATHERED = '∂L/∂x = Σ ∂L/∂y over the places that read each element';
const SCATTERED = '∂L/∂u = ∂L/∂y[indices]; ∂L/∂x = ∂L/∂y, 0 where overwritten';
const REDUCTIONS = 'reductions "none" and "add"';

export const gatherRules: readonly GradientEntry[] = [
  { operators: ['Gather'], rule: gather, equation: GATHERED },
  { operators: ['GatherElements'], rule: gatherElements, equation: GATHERED },
  { operators: ['GatherND'], rule: gatherND, equation: GATHERED },
  { operators: ['ScatterND'], rule: scatterND, equation: SCATTERED, note: REDUCTIONS },
  { operators: ['ScatterElements'], rule: scatterElements, equation: SCATTERED, note: REDUCTIONS },
];
