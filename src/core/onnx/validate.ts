import { problems } from './problems.ts';
import type { Graph, Model, Node } from './types.ts';

/** Names that an inner graph may use from the graphs around it. */
type Scope = ReadonlySet<string>;

const NO_NAMES: Scope = new Set();
/** GraphProto.sparse_initializer, which is kept verbatim: its names are not known here. */
const SPARSE_INITIALIZER = 15;

/**
 * Checks that the graph and all graphs inside it can be run at all: every value is made once, every
 * value that is used exists, nothing waits for itself. Node order does not matter.
 * Throws `onnx-duplicate-value`, `onnx-missing-value` or `onnx-cycle`.
 */
export function validateModel(model: Model): void {
  validateGraph(model.graph, NO_NAMES);
}

function validateGraph(graph: Graph, outer: Scope): void {
  const makers = producers(graph);
  const local = new Set([...sourceNames(graph), ...makers.keys()]);
  const known = outer.size === 0 ? local : new Set([...outer, ...local]);
  const uses = graph.nodes.map(usedNames);
  if (!hasSparse(graph)) checkReferences(graph, uses, known);
  checkCycles(graph, uses, makers);
  for (const node of graph.nodes)
    for (const inner of innerGraphs(node)) validateGraph(inner, known);
}

function sourceNames(graph: Graph): string[] {
  const inputs = graph.inputs.map(({ name }) => name);
  const initializers = graph.initializers.map(({ name }) => name);
  // An initializer may repeat an input (its default value), but no other name may come twice.
  for (const names of [inputs, initializers]) {
    const twice = firstRepeated(names);
    if (twice !== undefined) throw problems.duplicateValue(twice);
  }
  return [...inputs, ...initializers];
}

function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/** Index of the node that makes each value. */
function producers(graph: Graph): ReadonlyMap<string, number> {
  const taken = new Set([...graph.inputs, ...graph.initializers].map(({ name }) => name));
  const makers = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (makers.has(name) || taken.has(name)) throw problems.duplicateValue(name);
      makers.set(name, index);
    }
  });
  return makers;
}

function hasSparse(graph: Graph): boolean {
  return (graph.unknown ?? []).some((field) => field[0] === SPARSE_INITIALIZER * 8 + 2);
}

function innerGraphs(node: Node): readonly Graph[] {
  return node.attributes.flatMap((attribute) => {
    if (attribute.kind === 'graph') return [attribute.value];
    return attribute.kind === 'graphs' ? attribute.value : [];
  });
}

/** Names a node reads: its inputs and whatever graphs inside it take from outside. */
function usedNames(node: Node): readonly string[] {
  const captured = innerGraphs(node).flatMap(freeNames);
  return [...node.inputs, ...captured].filter((name) => name !== '');
}

function freeNames(graph: Graph): readonly string[] {
  const own = new Set([
    ...[...graph.inputs, ...graph.initializers].map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const used = [...graph.nodes.flatMap(usedNames), ...graph.outputs.map(({ name }) => name)];
  return used.filter((name) => !own.has(name));
}

function checkReferences(graph: Graph, uses: readonly (readonly string[])[], known: Scope): void {
  graph.nodes.forEach((node, index) => {
    const missing = uses[index].find((name) => !known.has(name));
    if (missing !== undefined) throw problems.missingValue(nodeLabel(node), missing);
  });
  const missing = graph.outputs.find(({ name }) => !known.has(name));
  if (missing) throw problems.missingOutput(missing.name);
}

/** Kahn's algorithm: what is left when no node without unmet needs remains is or hangs on a cycle. */
function checkCycles(
  graph: Graph,
  uses: readonly (readonly string[])[],
  makers: ReadonlyMap<string, number>,
): void {
  const needs = uses.map((names) => {
    const indices = names.map((name) => makers.get(name));
    return [...new Set(indices.filter((index) => index !== undefined))];
  });
  const users: number[][] = needs.map(() => []);
  needs.forEach((list, user) => list.forEach((maker) => users[maker].push(user)));
  const unmet = needs.map((list) => list.length);
  const ready = unmet.flatMap((count, index) => (count === 0 ? [index] : []));
  let done = 0;
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    done++;
    for (const user of users[node]) if (--unmet[user] === 0) ready.push(user);
  }
  if (done < unmet.length) throw problems.cycle(cycleLabels(graph, needs, unmet));
}

/** Walks unmet needs backwards until a node comes again. */
function cycleLabels(
  graph: Graph,
  needs: readonly (readonly number[])[],
  unmet: readonly number[],
): readonly string[] {
  const path: number[] = [];
  const seen = new Set<number>();
  let at = unmet.findIndex((count) => count > 0);
  while (!seen.has(at)) {
    seen.add(at);
    path.push(at);
    at = needs[at].find((maker) => unmet[maker] > 0) ?? at;
  }
  return path
    .slice(path.indexOf(at))
    .reverse()
    .map((index) => nodeLabel(graph.nodes[index]));
}

function nodeLabel({ name, opType, outputs }: Node): string {
  return name || outputs.find((output) => output !== '') || opType;
}
