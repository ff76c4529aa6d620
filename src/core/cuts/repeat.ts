import type { GraphEditor } from '../onnx/graph/edit.ts';
import { makeNode, makeTensor } from '../onnx/graph/make.ts';
import type { Dim } from '../onnx/shape/dimension.ts';

/** A value whose entries along an axis come in runs, each of which is read several times. */
export interface Repeat {
  readonly value: string;
  /** Its dimensions. */
  readonly dims: readonly Dim[];
  readonly axis: number;
  /** Entries of a run. */
  readonly run: number;
  readonly times: number;
}

/**
 * Inserts nodes that repeat each run of an axis: Unsqueeze (or Reshape, where a run is longer than one entry), Expand, Reshape,
 * as exporters write grouped queries. Returns the repeated value. Runs of more than one entry only along the last axis.
 */
export function insertRepeat(edit: GraphEditor, opset: number, repeat: Repeat): string {
  const { value, dims, axis, run, times } = repeat;
  const ones = dims.map(() => 1);
  const stretch = run === 1 ? [...ones, 1] : [...ones, 1, 1];
  const apart = run === 1 ? unsqueezed(edit, opset, repeat) : inRuns(edit, repeat);
  const sizes = ints(
    edit,
    `${value}_copies`,
    stretch.with(axis + 1, times).slice(0, dims.length + (run === 1 ? 1 : 2)),
  );
  const copied = add(edit, 'Expand', [apart, sizes], `${value}_expanded`);
  return add(edit, 'Reshape', [copied, together(edit, repeat)], `${value}_repeated`);
}

function unsqueezed(edit: GraphEditor, opset: number, { value, axis }: Repeat): string {
  const output = edit.freshName(`${value}_apart`);
  const inputs = opset < 13 ? [value] : [value, ints(edit, `${value}_axis`, [axis + 1])];
  edit.addNodes(makeNode('Unsqueeze', inputs, [output], opset < 13 ? { axes: [axis + 1] } : {}));
  return output;
}

/** [.., n·run] as [.., n, 1, run]. */
function inRuns(edit: GraphEditor, { value, dims, axis, run }: Repeat): string {
  const count = Number(dims[axis]) / run;
  const target = [...dims.slice(0, axis).map(() => 0), count, 1, run];
  return add(edit, 'Reshape', [value, ints(edit, `${value}_runs`, target)], `${value}_apart`);
}

/** The shape in which copies lie on the axis again: constant where at most one size is open. */
function together(edit: GraphEditor, { value, dims, axis, times }: Repeat): string {
  const sizes = dims.map((size, at) => {
    if (at < axis) return 0;
    if (typeof size !== 'number') return -1;
    return at === axis ? size * times : size;
  });
  if (sizes.filter((size) => size === -1).length <= 1) return ints(edit, `${value}_sizes`, sizes);
  const shape = add(edit, 'Shape', [value], `${value}_shape`);
  const factors = ints(
    edit,
    `${value}_times`,
    dims.map((_, at) => (at === axis ? times : 1)),
  );
  return add(edit, 'Mul', [shape, factors], `${value}_sizes`);
}

function add(edit: GraphEditor, type: string, inputs: readonly string[], prefix: string): string {
  const output = edit.freshName(prefix);
  edit.addNodes(makeNode(type, inputs, [output]));
  return output;
}

function ints(edit: GraphEditor, prefix: string, values: readonly number[]): string {
  const name = edit.freshName(prefix);
  edit.addInitializer(makeTensor(name, [values.length], BigInt64Array.from(values, BigInt)));
  return name;
}
