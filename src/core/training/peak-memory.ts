import type { StaticType } from '../autodiff/static-types.ts';
import type { Graph, Node } from '../onnx/types.ts';
import { byteLengthOf } from '../tensor/data-type.ts';

/** Results that are the same bytes under another shape. */
const VIEWS: ReadonlySet<string> = new Set([
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Identity',
]);

/** Results that may take the place of an input nobody reads afterwards. */
const IN_PLACE: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Exp', 'Log', 'Sqrt', 'Relu', 'Sigmoid', 'Tanh'],
  ...['Softmax', 'Erf', 'Reciprocal', 'Abs', 'ScatterElements', 'ScatterND'],
]);

/**
 * Largest sum of bytes of values alive at one time, over the graph's nodes in order: inputs and
 * outputs all along, every other value from the node that makes it to the last one that reads it.
 * Weights stored in the graph are not counted. Values of unknown size count as nothing.
 */
export function peakMemory(graph: Graph, type: (value: string) => StaticType | undefined): number {
  const bytes = (value: string): number => {
    const known = value === '' ? undefined : type(value);
    return known === undefined ? 0 : byteLengthOf(known.dataType, known.dims);
  };
  const last = lastReads(graph);
  let alive = graph.inputs.reduce((sum, { name }) => sum + bytes(name), 0);
  let peak = alive;
  const sizes = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    const made = allocated(node, index, last, sizes, bytes);
    for (const [value, size] of made) sizes.set(value, size);
    alive += made.reduce((sum, [, size]) => sum + size, 0);
    peak = Math.max(peak, alive);
    for (const value of new Set([...node.inputs, ...node.outputs])) {
      if ((last.get(value) ?? index) > index) continue;
      alive -= sizes.get(value) ?? 0;
      sizes.delete(value);
    }
  });
  return peak;
}

/** Index of the last node that reads each value; behind the end for the graph's outputs. */
function lastReads({ nodes, outputs }: Graph): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  nodes.forEach(({ inputs }, index) => inputs.forEach((input) => last.set(input, index)));
  for (const { name } of outputs) last.set(name, nodes.length);
  extendViews(nodes, last);
  return last;
}

/** What a view is of lives as long as the view. */
function extendViews(nodes: readonly Node[], last: Map<string, number>): void {
  for (let index = nodes.length - 1; index >= 0; index--) {
    const { opType, inputs, outputs } = nodes[index];
    if (!VIEWS.has(opType)) continue;
    const until = Math.max(last.get(inputs[0]) ?? index, last.get(outputs[0]) ?? index);
    last.set(inputs[0], until);
  }
}

function allocated(
  { opType, inputs, outputs }: Node,
  index: number,
  last: ReadonlyMap<string, number>,
  sizes: Map<string, number>,
  bytes: (value: string) => number,
): (readonly [string, number])[] {
  if (VIEWS.has(opType)) return [];
  if (!IN_PLACE.has(opType)) return outputs.map((output) => [output, bytes(output)] as const);
  const size = bytes(outputs[0]);
  const place = inputs.find((input) => last.get(input) === index && sizes.get(input) === size);
  if (place === undefined) return [[outputs[0], size]];
  // The bytes change their name; nothing new is taken.
  sizes.delete(place);
  sizes.set(outputs[0], size);
  return [];
}
