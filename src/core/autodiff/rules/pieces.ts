import { intAttribute, stringAttribute } from '../../onnx/graph/attributes.ts';
import { resolveAxis } from '../dims.ts';
import type { Emitter } from '../emitter.ts';
import type { GradientContext, GradientEntry } from '../types.ts';
import { integersOf, noGradientForm } from './read-node.ts';

/** x with `before[a]` and `after[a]` zeros around it along each axis a; negative numbers cut off. */
export function padded(
  emit: Emitter,
  x: string,
  before: readonly number[],
  after: readonly number[],
): string {
  if ([...before, ...after].every((count) => count === 0)) return x;
  const dims = emit.dims(x).map((size, axis) => before[axis] + size + after[axis]);
  const zero = emit.scalar(0, emit.dataType(x));
  return emit.op('Pad', [x, emit.integers(...before, ...after), zero], dims);
}

/** The same along one axis, out to `size`. */
export function placed(
  emit: Emitter,
  x: string,
  axis: number,
  start: number,
  size: number,
): string {
  const dims = emit.dims(x);
  const end = size - start - dims[axis];
  const at = (count: number) => dims.map((_, a) => (a === axis ? count : 0));
  return padded(emit, x, at(start), at(end));
}

/**
 * y = x[start : end : step] along some axes: ∂L/∂x is ∂L/∂y at those places and 0 elsewhere. Steps
 * other than 1 turn ∂L/∂y round and put zeros between its elements.
 */
function slice(context: GradientContext): string[] {
  const { emit, dy, dims } = context;
  const starts = integersOf(context, 'starts', 1) ?? [];
  const axes = integersOf(context, 'axes', 3) ?? starts.map((_, axis) => axis);
  const steps = integersOf(context, 'steps', 4) ?? starts.map(() => 1);
  const sizes = dims(0);
  const first = sizes.map(() => 0);
  let x = dy;
  axes.forEach((given, k) => {
    const axis = resolveAxis(given, sizes.length);
    const from = starts[k] < 0 ? starts[k] + sizes[axis] : starts[k];
    first[axis] = Math.min(Math.max(from, 0), steps[k] < 0 ? sizes[axis] - 1 : sizes[axis]);
    if (steps[k] < 0) {
      x = reversed(emit, x, axis);
      first[axis] += steps[k] * (emit.dims(x)[axis] - 1);
    }
    x = spaced(emit, x, axis, Math.abs(steps[k]));
  });
  const after = sizes.map((size, axis) => size - first[axis] - emit.dims(x)[axis]);
  return [padded(emit, x, first, after)];
}

function reversed(emit: Emitter, x: string, axis: number): string {
  // An end of −1 would mean the last element; this one lies before the first.
  const beforeFirst = -emit.dims(x)[axis] - 1;
  const bounds = [-1, beforeFirst, axis, -1].map((value) => emit.integers(value));
  return emit.op('Slice', [x, ...bounds], emit.dims(x));
}

/** step − 1 zeros between neighbours along an axis. */
function spaced(emit: Emitter, x: string, axis: number, step: number): string {
  if (step === 1) return x;
  const dims = emit.dims(x);
  const count = dims[axis];
  const columns = emit.reshape(x, [...dims.slice(0, axis + 1), 1, ...dims.slice(axis + 1)]);
  const wide = placed(emit, columns, axis + 1, 0, step);
  const joined = emit.reshape(wide, dims.with(axis, count * step));
  return placed(emit, joined, axis, 0, (count - 1) * step + 1);
}

/** y₁ … yₙ = pieces of x along an axis: ∂L/∂x = all ∂L/∂yᵢ put together, zeros where there is none. */
function split({ node, emit, gradient, output, dims }: GradientContext): string[] {
  const sizes = dims(0);
  const axis = resolveAxis(intAttribute(node, 'axis', 0), sizes.length);
  const parts = node.outputs.map((_, i) => {
    const found = gradient(i);
    if (found !== undefined) return found;
    const like = emit.type(output(i));
    return like && emit.expand(emit.scalar(0, like.dataType), like.dims);
  });
  return [
    emit.concat(
      parts.filter((part) => part !== undefined),
      axis,
    ),
  ];
}

/** y = x₁ … xₙ put together along an axis: ∂L/∂xᵢ = its piece of ∂L/∂y. */
function concat({ node, emit, dy, dims, wants }: GradientContext): (string | undefined)[] {
  const axis = resolveAxis(intAttribute(node, 'axis', 0), dims(0).length);
  const lengths = node.inputs.map((_, i) => dims(i)[axis]);
  const wanted = lengths.flatMap((_, i) => (wants(i) ? [i] : []));
  if (node.inputs.length === 1) return [dy];
  if (wanted.length === 1) {
    const start = lengths.slice(0, wanted[0]).reduce((a, b) => a + b, 0);
    return lengths.map((length, i) =>
      wants(i) ? emit.slice(dy, axis, start, start + length) : undefined,
    );
  }
  const pieces = emit.ops(
    'Split',
    [dy, emit.integers(...lengths)],
    node.inputs.map((_, i) => dims(i)),
    { attributes: { axis } },
  );
  return pieces.map((piece, i) => (wants(i) ? piece : undefined));
}

/**
 * y = x with c around it (mode "constant"): ∂L/∂x = the inner part of ∂L/∂y, ∂L/∂c = Σ of the outer
 * part. Negative pads cut x off: there ∂L/∂x is 0.
 */
function pad(context: GradientContext): (string | undefined)[] {
  const { node, emit, dy, dims, wants } = context;
  const mode = stringAttribute(node, 'mode', 'constant');
  if (mode !== 'constant') throw noGradientForm(context, `in mode "${mode}"`);
  const rank = dims(0).length;
  const given = integersOf(context, 'pads', 1) ?? [];
  const axes = integersOf(context, '', 3) ?? dims(0).map((_, axis) => axis);
  const before = dims(0).map(() => 0);
  const after = dims(0).map(() => 0);
  axes.forEach((axis, k) => {
    before[resolveAxis(axis, rank)] = -given[k];
    after[resolveAxis(axis, rank)] = -given[k + axes.length];
  });
  const inner = padded(emit, dy, before, after);
  const whole = (x: string) => emit.sumTo(x, []);
  return [
    wants(0) ? inner : undefined,
    undefined,
    wants(2) ? emit.reshape(emit.sub(whole(dy), whole(inner)), dims(2)) : undefined,
  ];
}

export const pieceRules: readonly GradientEntry[] = [
  { operators: ['Slice'], rule: slice, equation: '∂L/∂x = ∂L/∂y at its places, 0 elsewhere' },
  { operators: ['Split'], rule: split, equation: '∂L/∂x = the ∂L/∂yᵢ put together' },
  { operators: ['Concat'], rule: concat, equation: '∂L/∂xᵢ = its piece of ∂L/∂y' },
  {
    operators: ['Pad'],
    rule: pad,
    equation: '∂L/∂x = the inner part of ∂L/∂y, ∂L/∂c = Σ of the outer part',
    note: 'mode "constant" only',
  },
];
