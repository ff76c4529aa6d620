import { isCacheInput } from '../../data/cache-input.ts';
import { BRANCHES, bodyOf, unfoldedIfs, withBodies } from '../../onnx/branches/record.ts';
import { unusedParts } from '../../onnx/graph/unused.ts';
import { valuesRead } from '../../onnx/graph/values.ts';
import type { Graph, Node } from '../../onnx/types.ts';
import { stillRead } from './problems.ts';

/** The values that an output delivers: its own, or, of a merged decoder, one of each branch. */
export function deliveredBy(graph: Graph, output: string): readonly string[] {
  for (const node of unfoldedIfs(graph)) {
    const at = node.outputs.indexOf(output);
    if (at < 0) continue;
    return BRANCHES.flatMap((branch) => bodyOf(node, branch)?.outputs[at]?.name ?? []);
  }
  return [output];
}

/**
 * All values that depend on one of `values`, also by a size where `through` says so. Nodes stand in the order in which
 * values flow.
 */
export function dependents(
  graph: Graph,
  values: ReadonlySet<string>,
  through: 'sizes' | 'numbers' = 'sizes',
): Set<string> {
  const ifs = new Set(unfoldedIfs(graph));
  const found = new Set(values);
  for (const node of graph.nodes) {
    if (ifs.has(node) || (through === 'numbers' && node.opType === 'Shape')) continue;
    const depends = [...valuesRead(node)].some((value) => found.has(value));
    if (depends) for (const output of node.outputs) if (output !== '') found.add(output);
  }
  return found;
}

/**
 * The graph without the outputs that depend on what was cut (keys, values and attention maps of blocks that are gone), and
 * without what nobody needs any more; a cache input that nothing reads goes as well. `stays` are outputs of layers
 * that must not depend on the cut. Throws `cut-still-read`.
 */
export function withoutOutputsOf(
  graph: Graph,
  cut: ReadonlySet<string>,
  stays: ReadonlySet<string>,
): Graph {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const depending = dependents(graph, new Set([...cut].filter((value) => made.has(value))));
  for (const value of depending) if (stays.has(value)) throw stillRead(value);
  const gone = graph.outputs.filter(({ name }) =>
    deliveredBy(graph, name).some((value) => depending.has(value)),
  );
  if (gone.length === graph.outputs.length) throw stillRead(graph.outputs[0].name);
  const names = new Set(gone.map(({ name }) => name));
  const outputs = graph.outputs.filter(({ name }) => !names.has(name));
  const nodes = graph.nodes.map((node) => withoutDelivered(node, names));
  return withoutUnused({ ...graph, nodes, outputs: names.size === 0 ? graph.outputs : outputs });
}

/** An unfolded If that hands on fewer values. */
function withoutDelivered(node: Node, names: ReadonlySet<string>): Node {
  if (names.size === 0 || !node.outputs.some((output) => names.has(output))) return node;
  const kept = node.outputs.map((output) => !names.has(output));
  if (bodyOf(node, 'then_branch') === undefined) return node;
  const slim = withBodies(node, (_, body) => ({
    ...body,
    outputs: body.outputs.filter((_, at) => kept[at]),
  }));
  return { ...slim, outputs: node.outputs.filter((_, at) => kept[at]) };
}

/** A cache input that was read and is not any more goes; the rest of the interface is not ours to change. */
function withoutUnused(graph: Graph): Graph {
  const before = new Set(graph.nodes.flatMap((node) => [...valuesRead(node)]));
  const used: Graph = { ...graph, ...unusedParts(graph) };
  const read = new Set(used.nodes.flatMap((node) => [...valuesRead(node)]));
  const delivered = new Set(used.outputs.map(({ name }) => name));
  const dropped = (name: string): boolean =>
    isCacheInput(name) && before.has(name) && !read.has(name) && !delivered.has(name);
  const inputs = used.inputs.filter(({ name }) => !dropped(name));
  return { ...used, inputs };
}
