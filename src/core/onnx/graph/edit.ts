import type { Graph, Node, Tensor, ValueInfo } from '../types.ts';
import { freshName, isDefined, nameTaken, valueUnknown } from './edit-state.ts';
import type { EditState } from './edit-state.ts';
import { finishGraph } from './finish.ts';
import { NodeList } from './node-list.ts';
import { allNames } from './values.ts';

/**
 * Collects edits of one graph. Nodes are named by the objects of the graph given to
 * {@link editGraph} (or by ones inserted since); the original is never touched, and everything no
 * edit reached keeps its identity, so the writer splices its bytes.
 */
export interface GraphEditor {
  /** A name no value has: `prefix` itself, else `prefix_1`, `prefix_2` … It is taken from now on. */
  freshName(prefix: string): string;
  insertBefore(node: Node, ...nodes: readonly Node[]): void;
  insertAfter(node: Node, ...nodes: readonly Node[]): void;
  /** Adds nodes anywhere; {@link finish} puts them in order. */
  addNodes(...nodes: readonly Node[]): void;
  /** Puts `nodes` in the node's place; they usually make the same outputs. */
  replaceNode(node: Node, ...nodes: readonly Node[]): void;
  removeNode(node: Node): void;
  /**
   * Everything that reads `from` now (sub-graphs too, graph outputs too, except the nodes given)
   * reads `to`. A graph output keeps its public name: it is `to` that will be delivered under it.
   */
  replaceUses(from: string, to: string, except?: readonly Node[]): void;
  /** Renames a value at its definition and at every use. Throws `name-taken`, `value-unknown`. */
  renameValue(from: string, to: string): void;
  /** Throws `name-taken`. */
  addInitializer(tensor: Tensor): void;
  /** New value in the old one's place; under another name its readers follow. Throws `value-unknown`. */
  replaceInitializer(name: string, tensor: Tensor): void;
  /** The initializer as it now stands. */
  initializer(name: string): Tensor | undefined;
  /** Declares or replaces the type of a value, input or output. */
  setValueInfo(info: ValueInfo): void;
  /** Forgets the declared types of inner values, for edits that change types downstream. */
  dropValueInfo(): void;
  /** On finishing, drops nodes no output depends on and initializers nobody reads. */
  removeUnused(): void;
  /** The edited graph, nodes in order. Throws `graph-cycle`, `value-defined-twice`, `value-unknown`. */
  finish(): Graph;
}

/** Starts an edit of `graph`; see {@link GraphEditor}. Cost: O(nodes) to start, O(uses) per edit. */
export function editGraph(graph: Graph): GraphEditor {
  const state: EditState = {
    original: graph,
    nodes: new NodeList(graph.nodes),
    initializers: new Map(graph.initializers.map((tensor) => [tensor.name, tensor])),
    inputs: [...graph.inputs],
    outputs: [...graph.outputs],
    valueInfo: new Map(graph.valueInfo.map((info) => [info.name, info])),
    explicitInfo: new Set(),
    delivered: new Map(),
    names: allNames(graph),
    removeUnused: false,
  };
  return {
    ...nodeEdits(state),
    ...valueEdits(state),
    ...initializerEdits(state),
    removeUnused: () => {
      state.removeUnused = true;
    },
    finish: () => finishGraph(state),
  };
}

function nodeEdits(
  state: EditState,
): Pick<
  GraphEditor,
  'insertBefore' | 'insertAfter' | 'addNodes' | 'replaceNode' | 'removeNode' | 'freshName'
> {
  const { nodes: list } = state;
  const insertAt = (after: ReturnType<NodeList['entryOf']> | undefined, nodes: readonly Node[]) => {
    for (const node of nodes) {
      after = list.insert(node, after);
      for (const output of node.outputs) state.names.add(output);
    }
  };
  return {
    freshName: (prefix) => freshName(state.names, prefix),
    insertBefore: (node, ...nodes) => insertAt(list.entryOf(node).previous, nodes),
    insertAfter: (node, ...nodes) => insertAt(list.entryOf(node), nodes),
    addNodes: (...nodes) => insertAt(list.end, nodes),
    replaceNode: (node, ...nodes) => {
      const entry = list.entryOf(node);
      const { previous } = entry;
      list.remove(entry);
      insertAt(previous, nodes);
    },
    removeNode: (node) => list.remove(list.entryOf(node)),
  };
}

function valueEdits(
  state: EditState,
): Pick<GraphEditor, 'replaceUses' | 'renameValue' | 'setValueInfo' | 'dropValueInfo'> {
  return {
    replaceUses: (from, to, except = []) => {
      const kept = new Set(except.map((node) => state.nodes.entryOf(node)));
      state.nodes.rewire(from, to, kept);
      redirectOutputs(state, from, to);
    },
    renameValue: (from, to) => renameValue(state, from, to),
    setValueInfo: (info) => {
      const put = (list: ValueInfo[]): ValueInfo[] =>
        list.map((old) => (old.name === info.name ? info : old));
      state.inputs = put(state.inputs);
      state.outputs = put(state.outputs);
      const outside = [...state.inputs, ...state.outputs].some((i) => i.name === info.name);
      if (!outside) state.valueInfo.set(info.name, info);
      state.explicitInfo.add(info.name);
    },
    dropValueInfo: () => state.valueInfo.clear(),
  };
}

function redirectOutputs(state: EditState, from: string, to: string): void {
  for (const { name } of state.outputs) {
    if ((state.delivered.get(name) ?? name) === from) state.delivered.set(name, to);
  }
}

function initializerEdits(
  state: EditState,
): Pick<GraphEditor, 'addInitializer' | 'replaceInitializer' | 'initializer'> {
  return {
    initializer: (name) => state.initializers.get(name),
    addInitializer: (tensor) => {
      if (isDefined(state, tensor.name)) throw nameTaken(tensor.name);
      state.names.add(tensor.name);
      state.initializers.set(tensor.name, tensor);
      if (declaresInitializers(state.original)) state.inputs.push(inputOf(tensor));
    },
    replaceInitializer: (name, tensor) => replaceInitializer(state, name, tensor),
  };
}

function replaceInitializer(state: EditState, name: string, tensor: Tensor): void {
  const { initializers } = state;
  if (!initializers.has(name)) throw valueUnknown(name);
  if (tensor.name !== name && isDefined(state, tensor.name)) throw nameTaken(tensor.name);
  const entries = [...initializers].map((pair): [string, Tensor] =>
    pair[0] === name ? [tensor.name, tensor] : pair,
  );
  if (tensor.name === name) initializers.set(name, tensor);
  else refill(initializers, entries);
  state.names.add(tensor.name);
  state.inputs = state.inputs.map((info) => (info.name === name ? inputOf(tensor) : info));
  state.valueInfo.delete(name);
  if (tensor.name === name) return;
  state.nodes.rewire(name, tensor.name);
  redirectOutputs(state, name, tensor.name);
}

function refill<V>(map: Map<string, V>, entries: readonly (readonly [string, V])[]): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}

function renameValue(state: EditState, from: string, to: string): void {
  if (from === to) return;
  if (!isDefined(state, from)) throw valueUnknown(from);
  if (isDefined(state, to)) throw nameTaken(to);
  const { nodes, initializers, valueInfo, delivered } = state;
  const maker = nodes.makerOf(from);
  if (maker) {
    const outputs = maker.node.outputs.map((value) => (value === from ? to : value));
    nodes.change(maker, { ...maker.node, outputs });
  }
  nodes.rewire(from, to);
  const renameInfo = (info: ValueInfo): ValueInfo =>
    info.name === from ? { ...info, name: to } : info;
  refill(
    initializers,
    [...initializers.values()].map((t) =>
      t.name === from ? [to, { ...t, name: to }] : [t.name, t],
    ),
  );
  refill(
    valueInfo,
    [...valueInfo.values()].map(renameInfo).map((info) => [info.name, info]),
  );
  state.inputs = state.inputs.map(renameInfo);
  state.outputs = state.outputs.map(renameInfo);
  refill(
    delivered,
    [...delivered].map(([output, value]) => [
      output === from ? to : output,
      value === from ? to : value,
    ]),
  );
  state.names.add(to);
}

/** Models before IR 4 list every initializer among the graph inputs; keep to that where it is so. */
function declaresInitializers(graph: Graph): boolean {
  const inputs = new Set(graph.inputs.map((info) => info.name));
  return graph.initializers.length > 0 && graph.initializers.every((t) => inputs.has(t.name));
}

function inputOf(tensor: Tensor): ValueInfo {
  const dims = tensor.dims.map((value) => ({ value }));
  return { name: tensor.name, type: { dataType: tensor.dataType, dims } };
}
