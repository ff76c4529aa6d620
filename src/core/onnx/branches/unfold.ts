import { freshName } from '../graph/edit-state.ts';
import {
  allNames,
  capturedValues,
  definedValues,
  renameInNode,
  valuesRead,
} from '../graph/values.ts';
import type { Graph, Model, Node, Tensor, ValueInfo } from '../types.ts';
import { rememberFolded } from './folded.ts';
import { cacheSwitches, type CacheSwitch } from './pattern.ts';
import { bodyOf, otherBranch, withBodies, withRecord, type BranchName } from './record.ts';
import { ownWeights, sharedWeights } from './shared-weights.ts';

/** Since IR version 4 an initializer need not be an input as well. */
const LEAST_IR = 4;

/**
 * The model with the bodies of its cache switches ({@link cacheSwitches}) beside each other in the one
 * graph: every node and weight of both can then be seen and edited like any other. The If stays, with
 * bodies that only hand on the values of their branch, so the graph still means the same; the writer
 * puts the nodes back (`foldBranches`). Weights come out of the bodies, and equal ones of both become
 * one. Names that are taken get "else/" or "then/" in front. Other models come back as they are.
 */
export async function unfoldBranches(model: Model): Promise<Model> {
  if (model.irVersion < LEAST_IR) return model;
  let { graph } = model;
  for (const found of cacheSwitches(graph)) graph = await unfoldOne(graph, found);
  if (graph === model.graph) return model;
  rememberFolded(graph, model.graph);
  return { ...model, graph };
}

/** What a body holds, under names that are free in the graph around it. */
interface Unpacked {
  readonly nodes: readonly Node[];
  readonly initializers: readonly Tensor[];
  readonly valueInfo: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

async function unfoldOne(graph: Graph, { node, main }: CacheSwitch): Promise<Graph> {
  const [body, other] = [bodyOf(node, main), bodyOf(node, otherBranch(main))];
  if (body === undefined || other === undefined) return graph;
  const shared = await sharedBy(graph, node, body, other);
  const names = { taken: definedValues(graph), all: allNames(graph) };
  const renames = freeNames(body, names, main);
  const otherRenames = freeNames(other, names, otherBranch(main));
  for (const [own, twin] of shared) {
    otherRenames.set(own.name, renames.get(twin.name) ?? twin.name);
  }
  const first = unpack(body, renames, new Map());
  const second = unpack(other, otherRenames, shared);
  const kept = graph.initializers.filter((tensor) => !shared.has(tensor));
  const opened = withBodies(withRecord(node, main), (branch, old) => {
    const { outputs } = branch === main ? first : second;
    return { ...old, nodes: [], initializers: [], valueInfo: [], outputs };
  });
  return {
    ...graph,
    nodes: graph.nodes.flatMap((at) => {
      return at === node ? [...first.nodes, ...second.nodes, opened] : [at];
    }),
    initializers: [...kept, ...first.initializers, ...second.initializers],
    valueInfo: [...graph.valueInfo, ...typesOf(first), ...typesOf(second)],
  };
}

/** Weights of the second body that the first has as well. */
function sharedBy(
  graph: Graph,
  node: Node,
  first: Graph,
  second: Graph,
): Promise<ReadonlyMap<Tensor, Tensor>> {
  const others = graph.nodes.filter((other) => other !== node);
  const elsewhere = others.flatMap((other) => [...valuesRead(other)]);
  const [byFirst, bySecond] = [capturedValues(first), capturedValues(second)];
  return sharedWeights(
    ownWeights(graph, first, new Set([...elsewhere, ...bySecond])),
    ownWeights(graph, second, new Set([...elsewhere, ...byFirst])),
  );
}

interface Names {
  /** Values of the graph so far. */
  readonly taken: Set<string>;
  /** Every name that occurs anywhere. */
  readonly all: Set<string>;
}

/** New names for the body's values whose own are taken; all its names are taken from then on. */
function freeNames(body: Graph, { taken, all }: Names, branch: BranchName): Map<string, string> {
  const prefix = branch.replace('_branch', '');
  const renames = new Map<string, string>();
  for (const value of definedValues(body)) {
    if (taken.has(value)) renames.set(value, freshName(all, `${prefix}/${value}`));
    taken.add(renames.get(value) ?? value);
  }
  return renames;
}

/** The body under its new names, without the weights that another one's stand for. */
function unpack(
  body: Graph,
  renames: ReadonlyMap<string, string>,
  dropped: ReadonlyMap<Tensor, unknown>,
): Unpacked {
  const gone = new Set([...dropped.keys()].map(({ name }) => name));
  const renamed = <T extends { readonly name: string }>(item: T): T => {
    const name = renames.get(item.name);
    return name === undefined ? item : { ...item, name };
  };
  return {
    nodes: body.nodes.map((node) => renameInNode(node, renames)),
    initializers: body.initializers.filter((tensor) => !dropped.has(tensor)).map(renamed),
    valueInfo: body.valueInfo.filter(({ name }) => !gone.has(name)).map(renamed),
    outputs: body.outputs.map(renamed),
  };
}

/** Declared types of what a body makes, its outputs among them. */
function typesOf({ nodes, valueInfo, outputs }: Unpacked): readonly ValueInfo[] {
  const made = new Set(nodes.flatMap((node) => node.outputs));
  return [...valueInfo, ...outputs.filter(({ name }) => made.has(name))];
}
