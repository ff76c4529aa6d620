import type { Graph, Node } from '../types.ts';
import { mapSubgraphs, subgraphs } from './attributes.ts';

/** Every value a graph defines at its own level: inputs, initializers and node outputs. */
export function definedValues(graph: Graph): Set<string> {
  const defined = new Set<string>();
  for (const input of graph.inputs) defined.add(input.name);
  for (const tensor of graph.initializers) defined.add(tensor.name);
  for (const node of graph.nodes) for (const output of node.outputs) defined.add(output);
  defined.delete('');
  return defined;
}

/** Outer values a sub-graph (and the sub-graphs inside it) refers to: ONNX bodies capture by name. */
export function capturedValues(graph: Graph): Set<string> {
  const defined = definedValues(graph);
  const captured = new Set<string>();
  const see = (value: string): void => {
    if (value !== '' && !defined.has(value)) captured.add(value);
  };
  for (const node of graph.nodes) for (const value of valuesRead(node)) see(value);
  for (const output of graph.outputs) see(output.name);
  return captured;
}

/** All values a node depends on, each once: its inputs and what its sub-graphs capture. */
export function valuesRead(node: Node): Set<string> {
  const read = new Set(node.inputs);
  for (const body of subgraphs(node)) for (const value of capturedValues(body)) read.add(value);
  read.delete('');
  return read;
}

/** Every name that occurs in the graph or in any sub-graph, defined or only referred to. */
export function allNames(graph: Graph, names = new Set<string>()): Set<string> {
  for (const info of [...graph.inputs, ...graph.outputs, ...graph.valueInfo]) names.add(info.name);
  for (const tensor of graph.initializers) names.add(tensor.name);
  for (const node of graph.nodes) {
    for (const value of node.inputs) names.add(value);
    for (const value of node.outputs) names.add(value);
    for (const body of subgraphs(node)) allNames(body, names);
  }
  return names;
}

/** The node reading `to` wherever it read `from`, in its sub-graphs too; itself when it did not. */
export function rewireNode(node: Node, from: string, to: string): Node {
  const inner = mapSubgraphs(node, (body) => rewireCapture(body, from, to));
  if (!inner.inputs.includes(from)) return inner;
  return { ...inner, inputs: inner.inputs.map((value) => (value === from ? to : value)) };
}

function rewireCapture(body: Graph, from: string, to: string): Graph {
  if (!capturedValues(body).has(from)) return body;
  const nodes = body.nodes.map((node) => rewireNode(node, from, to));
  const outputs = body.outputs.map((o) => (o.name === from ? { ...o, name: to } : o));
  return { ...body, nodes, outputs };
}

/** The node with its inputs, outputs and captures renamed; itself when none is concerned. */
export function renameInNode(node: Node, renames: ReadonlyMap<string, string>): Node {
  const inner = mapSubgraphs(node, (body) => renameCaptures(body, renames));
  const concerned = [...inner.inputs, ...inner.outputs].some((value) => renames.has(value));
  if (!concerned) return inner;
  const rename = (value: string): string => renames.get(value) ?? value;
  return { ...inner, inputs: inner.inputs.map(rename), outputs: inner.outputs.map(rename) };
}

function renameCaptures(body: Graph, renames: ReadonlyMap<string, string>): Graph {
  const captured = capturedValues(body);
  const mine = new Map([...renames].filter(([from]) => captured.has(from)));
  if (mine.size === 0) return body;
  const nodes = body.nodes.map((node) => renameInNode(node, mine));
  const outputs = body.outputs.map((o) => ({ ...o, name: mine.get(o.name) ?? o.name }));
  return { ...body, nodes, outputs };
}
