import { LatheError } from '../../errors/lathe-error.ts';
import type { Graph, Node, ValueInfo } from '../types.ts';
import { freshName } from './edit-state.ts';
import type { EditState } from './edit-state.ts';
import { makeNode } from './make.ts';
import { topologicalOrder } from './topology.ts';
import { unusedParts } from './unused.ts';
import { capturedValues, definedValues, renameInNode, valuesRead } from './values.ts';

/** Turns collected edits into a valid graph; the original object itself when nothing changed. */
export function finishGraph(state: EditState): Graph {
  const { nodes, fresh } = deliverOutputs(state);
  let graph: Graph = {
    ...state.original,
    nodes: keepArray(state.original.nodes, nodes),
    initializers: keepArray(state.original.initializers, [...state.initializers.values()]),
    inputs: keepArray(state.original.inputs, state.inputs),
    outputs: keepArray(state.original.outputs, state.outputs),
  };
  if (state.removeUnused) graph = { ...graph, ...unusedParts(graph) };
  checkDefinitions(graph, state.original);
  graph = { ...graph, nodes: topologicalOrder(graph.nodes) };
  graph = { ...graph, valueInfo: keptValueInfo(graph, state, fresh) };
  return sameParts(graph, state.original) ? state.original : graph;
}

/**
 * Where an output is to deliver another value, that value takes over the public name (and the old
 * one a private one), so that the model's interface stays and no copy is made. A value that cannot
 * give up its name (an input, an initializer, another output) is copied by an Identity node.
 */
function deliverOutputs(state: EditState): { nodes: Node[]; fresh: ReadonlySet<string> } {
  const entries = [...state.nodes];
  const fresh = new Set(
    entries.filter((entry) => !entry.original).flatMap((entry) => entry.node.outputs),
  );
  const renames = new Map<string, string>();
  const copies: Node[] = [];
  const publicNames = new Set(state.outputs.map((info) => info.name));
  for (const [output, value] of state.delivered) {
    if (value === output) continue;
    if (state.nodes.makerOf(output))
      renames.set(output, freshName(state.names, `${output}_before`));
    const free = state.nodes.makerOf(value) && !publicNames.has(value) && !renames.has(value);
    if (free) renames.set(value, output);
    else copies.push(makeNode('Identity', [value], [output]));
    fresh.add(output);
  }
  const nodes = [...entries.map((entry) => entry.node), ...copies];
  if (renames.size === 0) return { nodes, fresh };
  const renamed = nodes.map((node) =>
    copies.includes(node)
      ? { ...node, inputs: node.inputs.map((value) => renames.get(value) ?? value) }
      : renameInNode(node, renames),
  );
  return { nodes: renamed, fresh };
}

/** The old array when it holds the same objects, so that an unchanged part keeps its identity. */
function keepArray<T>(old: readonly T[], next: readonly T[]): readonly T[] {
  return old.length === next.length && old.every((item, i) => item === next[i]) ? old : next;
}

function sameParts(a: Graph, b: Graph): boolean {
  const keys = ['nodes', 'initializers', 'inputs', 'outputs', 'valueInfo'] as const;
  return keys.every((key) => a[key] === b[key]);
}

/** Declared types survive for values that exist and whose maker was not exchanged. */
function keptValueInfo(
  graph: Graph,
  state: EditState,
  fresh: ReadonlySet<string>,
): readonly ValueInfo[] {
  const defined = definedValues(graph);
  const kept = [...state.valueInfo.values()].filter(
    ({ name }) => defined.has(name) && (!fresh.has(name) || state.explicitInfo.has(name)),
  );
  return keepArray(state.original.valueInfo, kept);
}

/** Each value defined once, and everything read defined (or captured from outside, as before). */
function checkDefinitions(graph: Graph, original: Graph): void {
  const made = new Set<string>();
  for (const { name } of [...graph.inputs, ...graph.initializers]) made.add(name);
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output !== '' && made.has(output)) throw definedTwice(node, output);
      made.add(output);
    }
  }
  const outside = capturedValues(original);
  for (const node of graph.nodes) {
    for (const value of valuesRead(node)) {
      if (!made.has(value) && !outside.has(value)) throw readsUnknown(node, value);
    }
  }
  for (const { name } of graph.outputs) {
    if (!made.has(name) && !outside.has(name)) throw outputUnknown(name);
  }
}

function definedTwice(node: Node, value: string): LatheError {
  return new LatheError(
    'value-defined-twice',
    `After the edit "${value}" is made twice, the second time by a ${node.opType} node; remove the old maker or ask freshName for another name.`,
    { value, opType: node.opType },
  );
}

function readsUnknown(node: Node, value: string): LatheError {
  return new LatheError(
    'value-unknown',
    `After the edit the ${node.opType} node that makes "${node.outputs[0] ?? ''}" reads "${value}", which nothing makes; rewire its readers with replaceUses before removing a node.`,
    { value, opType: node.opType },
  );
}

function outputUnknown(value: string): LatheError {
  return new LatheError(
    'value-unknown',
    `After the edit nothing makes the graph output "${value}"; rewire it with replaceUses before removing a node.`,
    { value },
  );
}
