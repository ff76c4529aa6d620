import { mapSubgraphs } from '../graph/attributes.ts';
import { freshName } from '../graph/edit-state.ts';
import { allNames } from '../graph/values.ts';
import { canonicalDomain } from '../operators/table.ts';
import { problems } from '../problems.ts';
import type { FunctionBody } from '../proto/function.ts';
import type { Graph, Model, Node, OperatorSet } from '../types.ts';
import {
  calledBy,
  calledFunctions,
  callsIn,
  keyOf,
  nodesIn,
  type CalledFunction,
  type FunctionKey,
} from './call-graph.ts';
import { commonOpset, type Agreed } from './common-opset.ts';
import { expandCall } from './expand.ts';
import type { FreshNames } from './scope.ts';

/** A model without calls of its own functions, and what was done to get there. */
export interface Inlined {
  readonly model: Model;
  /** Names of the functions whose calls were replaced by their nodes. */
  readonly functions: readonly string[];
  readonly calls: number;
  /** Functions that are still called, with the reason. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
}

/** Functions that call functions can multiply without bound; no real graph has as many nodes. */
const MOST_NODES = 500_000;

/**
 * Replaces every call of a model-local function by the function's nodes, in sub-graphs and in functions
 * that call functions too. Functions nobody calls any more go; one that cannot be taken in (bytes that
 * make no sense, an operator set that does not agree with the model's) stays and is called as before.
 * Throws `onnx-recursive-function`, and `onnx-too-many-parts` where calls multiply beyond bounds.
 */
export function inlineFunctions(model: Model): Inlined {
  const called = calledFunctions(model);
  if (called.length === 0) return { model, functions: [], calls: 0, left: [] };
  const agreed = commonOpset(model, called);
  assertBounded(agreed.model.graph, agreed.usable);
  const usable = new Map(agreed.usable.map(({ key, body }) => [key, body]));
  const calls = { count: 0 };
  const expansion = { usable, fresh: freshNames(agreed.model.graph), calls };
  const graph = inlineGraph(agreed.model.graph, expansion);
  const done = { ...agreed.model, graph };
  return {
    model: withoutUncalled(done, called),
    functions: agreed.usable.map(({ key }) => nameOf(key)),
    calls: calls.count,
    left: agreed.left.map(({ key, reason }) => ({ name: nameOf(key), reason })),
  };
}

const nameOf = (key: FunctionKey): string => key.slice(key.indexOf('::') + 2);

interface Expansion {
  readonly usable: ReadonlyMap<FunctionKey, FunctionBody>;
  readonly fresh: FreshNames;
  readonly calls: { count: number };
}

function freshNames(graph: Graph): FreshNames {
  const [values, nodes] = [allNames(graph), new Set(nodesIn(graph.nodes).map(({ name }) => name))];
  return {
    value: (name) => freshName(values, name),
    node: (name) => freshName(nodes, name),
  };
}

/** Counts before anything is made: a dozen functions that each call the next twice are enough for millions. */
function assertBounded(graph: Graph, usable: Agreed['usable']): void {
  const sizes = new Map<FunctionKey, number>();
  const sizeOf = (nodes: readonly Node[]): number =>
    nodesIn(nodes).reduce((sum, node) => sum + (sizes.get(calledBy(node)) ?? 1), 0);
  // Each function stands after those it calls.
  for (const { key, body } of usable) sizes.set(key, sizeOf(body.nodes));
  if (sizeOf(graph.nodes) > MOST_NODES) throw problems.tooMany(MOST_NODES);
}

function inlineGraph(graph: Graph, expansion: Expansion): Graph {
  const nodes = graph.nodes.flatMap((node) => inlineNode(node, expansion));
  const same = nodes.length === graph.nodes.length && nodes.every((n, i) => n === graph.nodes[i]);
  return same ? graph : { ...graph, nodes };
}

function inlineNode(node: Node, expansion: Expansion): readonly Node[] {
  const body = expansion.usable.get(calledBy(node));
  if (body === undefined) return [mapSubgraphs(node, (inner) => inlineGraph(inner, expansion))];
  const { calls, fresh } = expansion;
  calls.count += 1;
  return expandCall(node, body, fresh).flatMap((inner) => inlineNode(inner, expansion));
}

/** What is still called stays, with the operator sets in use; a model none was taken into stays itself. */
function withoutUncalled(model: Model, called: readonly CalledFunction[]): Model {
  const bodies = new Map(called.map(({ key, body }) => [key, body]));
  const needed = new Set<FunctionKey>();
  const need = (nodes: readonly Node[]): void => {
    for (const key of callsIn(nodes)) {
      if (!bodies.has(key) || needed.has(key)) continue;
      needed.add(key);
      need(bodies.get(key)?.nodes ?? []);
    }
  };
  need(model.graph.nodes);
  const functions = model.functions.filter((f) => needed.has(keyOf(f.domain, f.name, f.overload)));
  return { ...model, functions, opsets: usedOpsets(model, functions) };
}

/** Operator sets that only functions had which are gone go with them: no runtime knows these. */
function usedOpsets(model: Model, kept: Model['functions']): readonly OperatorSet[] {
  const own = new Set(model.functions.map(({ domain }) => canonicalDomain(domain)));
  const still = new Set(kept.map(({ domain }) => canonicalDomain(domain)));
  for (const key of callsIn(model.graph.nodes)) still.add(key.slice(0, key.indexOf('::')));
  return model.opsets.filter(({ domain }) => {
    const name = canonicalDomain(domain);
    return name === '' || !own.has(name) || still.has(name);
  });
}
