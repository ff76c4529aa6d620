import { segmentsOf } from '../cuts/rules/reshape.ts';
import type { Dim } from '../onnx/shape/dimension.ts';
import type { Pattern } from './types.ts';

/** Every entry of the last axis is a channel of its own. */
export function lastAxis(rank: number, channels: number): Pattern {
  const dims = Array.from({ length: rank }, (_, axis) => (axis === rank - 1 ? channels : 1));
  return { dims, labels: Int32Array.from({ length: channels }, (_, i) => i) };
}

/** The labels along the last axis, where no other axis counts. */
export function onLastAxis({ dims, labels }: Pattern): Int32Array | undefined {
  return dims.slice(0, -1).every((d) => d === 1) ? labels : undefined;
}

/** Whether it is {@link lastAxis} still. */
export function isIdentity(pattern: Pattern, channels: number): boolean {
  const labels = onLastAxis(pattern);
  return labels?.length === channels && labels.every((label, i) => label === i);
}

/** The pattern with entry i of the new dims taken from entry `at(index)` of the old. */
export function gathered(
  pattern: Pattern,
  dims: readonly number[],
  at: (index: readonly number[]) => readonly number[] | undefined,
  collapse = true,
): Pattern {
  const labels = new Int32Array(dims.reduce((a, b) => a * b, 1));
  const index = dims.map(() => 0);
  for (let i = 0; i < labels.length; i++) {
    const from = at(index);
    labels[i] = from === undefined ? -1 : labelAt(pattern, from);
    for (let axis = dims.length - 1; axis >= 0 && ++index[axis] === dims[axis]; axis--)
      index[axis] = 0;
  }
  return collapse ? collapsed({ dims, labels }) : { dims, labels };
}

/** The label of an entry; axes of size 1 stand for every index. */
export function labelAt({ dims, labels }: Pattern, index: readonly number[]): number {
  let at = 0;
  for (let axis = 0; axis < dims.length; axis++) {
    at = at * dims[axis] + (dims[axis] === 1 ? 0 : index[axis]);
  }
  return labels[at];
}

/** The input's pattern of a Transpose whose output has this one. */
export function beforeTranspose(pattern: Pattern, perm: readonly number[]): Pattern {
  const dims = perm.map(() => 1);
  perm.forEach((axis, i) => (dims[axis] = pattern.dims[i]));
  return gathered(pattern, dims, (index) => perm.map((axis) => index[axis]));
}

/** The same entries under other axes (Reshape, either way); undefined where sizes that count are not known. */
export function reshaped(
  pattern: Pattern,
  from: readonly Dim[],
  to: readonly Dim[],
): Pattern | undefined {
  const dims = to.map(() => 1);
  let labels: Int32Array | undefined;
  for (const { a, b } of segmentsOf(from, to)) {
    if (pattern.dims.slice(a[0], a[1]).every((d) => d === 1)) continue;
    const [own, other] = [from.slice(a[0], a[1]), to.slice(b[0], b[1])];
    if (labels !== undefined || !areNumbers(own) || !areNumbers(other)) return undefined;
    const counts = pattern.dims.slice(a[0], a[1]);
    const part = { dims: counts, labels: pattern.labels };
    labels = gathered(part, own, (index) => index, false).labels;
    other.forEach((size, i) => (dims[b[0] + i] = size));
  }
  return collapsed({ dims, labels: labels ?? pattern.labels });
}

function areNumbers(dims: readonly Dim[]): dims is number[] {
  return dims.every((d) => typeof d === 'number');
}

/** Axes along which the labels do not change become 1. */
function collapsed(pattern: Pattern): Pattern {
  let { dims, labels } = pattern;
  for (let axis = 0; axis < dims.length; axis++) {
    const [size, inner] = [dims[axis], dims.slice(axis + 1).reduce((a, b) => a * b, 1)];
    if (size === 1) continue;
    const first = (i: number): number =>
      Math.floor(i / (size * inner)) * size * inner + (i % inner);
    if (!labels.every((label, i) => label === labels[first(i)])) continue;
    labels = labels.filter((_, i) => Math.floor(i / inner) % size === 0);
    dims = dims.with(axis, 1);
  }
  return { dims, labels };
}
