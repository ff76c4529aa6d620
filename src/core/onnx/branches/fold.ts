import { freshName } from '../graph/edit-state.ts';
import { makeNode } from '../graph/make.ts';
import { topologicalOrder } from '../graph/topology.ts';
import { liveNodes } from '../graph/unused.ts';
import { allNames, capturedValues, valuesRead } from '../graph/values.ts';
import type { Graph, Model, Node, ValueInfo } from '../types.ts';
import { foldedFrom } from './folded.ts';
import { bodyOf, BRANCHES, unfoldedIfs, withBodies, withoutRecord } from './record.ts';

/**
 * The model as a file holds it: nodes that only one body of an unfolded If reads lie in that body, those
 * that both or anything else reads in the graph around it. Weights always lie there, and so does what is
 * computed from weights alone. The inverse of `unfoldBranches`: a graph no edit reached is the very
 * graph that was read. Moves nodes and no bytes, so planned models fold as well.
 */
export function foldBranches(model: Model): Model {
  const known = folded.get(model.graph) ?? foldGraph(model.graph);
  folded.set(model.graph, known);
  return known === model.graph ? model : { ...model, graph: known };
}

const folded = new WeakMap<Graph, Graph>();

function foldGraph(unfolded: Graph): Graph {
  const ifs = unfoldedIfs(unfolded);
  if (ifs.length === 0) return unfolded;
  const original = foldedFrom(unfolded);
  if (original !== undefined) return original;
  // What nobody reads belongs to no body, and outside it would run for both.
  const outputs = unfolded.outputs.map(({ name }) => name);
  const graph = { ...unfolded, nodes: topologicalOrder(liveNodes(unfolded, outputs)) };
  const bodies = placeNodes(graph, new Set(ifs));
  const names = allNames(graph);
  const nodes = graph.nodes.flatMap((node) => {
    if (bodies.placeOf(node) !== OUTSIDE) return [];
    return ifs.includes(node) ? [refilled(graph, node, bodies, names)] : [node];
  });
  const left = new Set(nodes.flatMap(({ outputs }) => outputs));
  const inner = new Set(graph.nodes.flatMap(({ outputs }) => outputs).filter((v) => !left.has(v)));
  return { ...graph, nodes, valueInfo: graph.valueInfo.filter(({ name }) => !inner.has(name)) };
}

/** A body by its own empty graph, which an unfolded If keeps. */
type Place = Graph | typeof OUTSIDE;
const OUTSIDE = 'outside';

interface Bodies {
  placeOf(node: Node): Place;
  nodesOf(body: Graph): readonly Node[];
}

/** Readers come behind what they read, so each node is placed once all its readers are. */
function placeNodes(graph: Graph, ifs: ReadonlySet<Node>): Bodies {
  const readAt = new Map<string, Place>();
  const read = (value: string, place: Place): void => {
    const before = readAt.get(value);
    readAt.set(value, before === undefined || before === place ? place : OUTSIDE);
  };
  for (const { name } of graph.outputs) read(name, OUTSIDE);
  const fixed = fixedNodes(graph);
  const places = new Map<Node, Place>();
  const inBodies = new Map<Graph, Node[]>();
  for (const node of [...graph.nodes].reverse()) {
    const place = ifs.has(node) || fixed.has(node) ? OUTSIDE : placeAmong(node, readAt);
    places.set(node, place);
    if (place !== OUTSIDE) append(inBodies, place, node);
    if (ifs.has(node)) readByIf(node, read);
    else for (const value of valuesRead(node)) read(value, place);
  }
  return {
    placeOf: (node) => places.get(node) ?? OUTSIDE,
    nodesOf: (body) => [...(inBodies.get(body) ?? [])].reverse(),
  };
}

/**
 * Nodes that compute from weights alone, such as the DequantizeLinear before a product. They stay beside
 * their weights: onnxruntime 1.30 fuses one with the product behind it and then looks for the weight in
 * the body only ("Missing required weight").
 */
function fixedNodes({ nodes, initializers }: Graph): ReadonlySet<Node> {
  const stored = new Set(initializers.map(({ name }) => name));
  const constants = new Set<string>();
  const fixed = new Set<Node>();
  for (const node of nodes) {
    const read = [...valuesRead(node)];
    if (!read.every((value) => stored.has(value) || constants.has(value))) continue;
    const fromWeights = read.some((value) => stored.has(value));
    if (fromWeights) fixed.add(node);
    for (const output of node.outputs) (fromWeights ? stored : constants).add(output);
  }
  return fixed;
}

function append(map: Map<Graph, Node[]>, key: Graph, node: Node): void {
  const list = map.get(key);
  if (list) list.push(node);
  else map.set(key, [node]);
}

/** The one body that reads any of the node's values; outside where none or several do. */
function placeAmong({ outputs }: Node, readAt: ReadonlyMap<string, Place>): Place {
  const found = new Set(outputs.flatMap((value) => readAt.get(value) ?? []));
  const [only] = found;
  return found.size === 1 ? only : OUTSIDE;
}

function readByIf(node: Node, read: (value: string, place: Place) => void): void {
  for (const value of node.inputs) read(value, OUTSIDE);
  for (const branch of BRANCHES) {
    const body = bodyOf(node, branch);
    if (body) for (const value of capturedValues(body)) read(value, body);
  }
}

/** The If with its nodes back in its bodies. */
function refilled(graph: Graph, node: Node, bodies: Bodies, names: Set<string>): Node {
  return withBodies(withoutRecord(node), (_, body) => {
    const nodes = bodies.nodesOf(body);
    const made = new Set(nodes.flatMap(({ outputs }) => outputs));
    const valueInfo = graph.valueInfo.filter(({ name }) => made.has(name));
    const delivered = new Set(body.outputs.map(({ name }) => name));
    const inside = {
      ...body,
      nodes,
      valueInfo: valueInfo.filter(({ name }) => !delivered.has(name)),
    };
    return withCopies(inside, made, names);
  });
}

/** A body may not hand on a value of the graph around it as it is: onnxruntime wants a node of its own. */
function withCopies(body: Graph, made: ReadonlySet<string>, names: Set<string>): Graph {
  const copies: Node[] = [];
  const outputs = body.outputs.map((info): ValueInfo => {
    if (made.has(info.name)) return info;
    const name = freshName(names, `${info.name}_copy`);
    copies.push(makeNode('Identity', [info.name], [name]));
    return { ...info, name };
  });
  return copies.length === 0 ? body : { ...body, nodes: [...body.nodes, ...copies], outputs };
}
