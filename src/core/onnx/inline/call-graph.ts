import { LatheError } from '../../errors/lathe-error.ts';
import { subgraphs } from '../graph/attributes.ts';
import { canonicalDomain } from '../operators/table.ts';
import { functionBody, type FunctionBody } from '../proto/function.ts';
import type { FunctionDefinition, Model, Node } from '../types.ts';

/** What a call names a function by. */
export type FunctionKey = string;

/** The key of a node's operator, or of a function. */
export function keyOf(domain: string, name: string, overload = ''): FunctionKey {
  return `${canonicalDomain(domain)}::${name}${overload === '' ? '' : `:${overload}`}`;
}

/** As {@link keyOf}, of the operator that a node calls. */
export function calledBy({ domain, opType, overload }: Node): FunctionKey {
  return keyOf(domain, opType, overload);
}

/** One function that the model calls: its body, or why it has none that can be used. */
export interface CalledFunction {
  readonly key: FunctionKey;
  readonly definition: FunctionDefinition;
  readonly body?: FunctionBody;
  readonly reason?: string;
}

/**
 * The functions that a model's graph calls, directly or through others, each after those it calls.
 * A function whose bytes cannot be understood has a `reason` in the body's place.
 * Throws `onnx-recursive-function`.
 */
export function calledFunctions(model: Model): readonly CalledFunction[] {
  const defined = new Map(
    model.functions.map((f) => [keyOf(f.domain, f.name, f.overload), f] as const),
  );
  const found = new Map<FunctionKey, CalledFunction>();
  const visit = (key: FunctionKey, path: readonly FunctionKey[]): void => {
    const definition = defined.get(key);
    if (definition === undefined || found.has(key)) return;
    if (path.includes(key)) throw recursive([...path.slice(path.indexOf(key)), key]);
    const called = read(key, definition);
    for (const next of callsIn(called.body?.nodes ?? [])) visit(next, [...path, key]);
    found.set(key, called);
  };
  for (const key of callsIn(model.graph.nodes)) visit(key, []);
  return [...found.values()];
}

function read(key: FunctionKey, definition: FunctionDefinition): CalledFunction {
  try {
    return { key, definition, body: functionBody(definition) };
  } catch (error) {
    if (!(error instanceof LatheError)) throw error;
    return { key, definition, reason: error.message };
  }
}

/** Keys of all operators in use, those of sub-graphs included. */
export function callsIn(nodes: readonly Node[]): Set<FunctionKey> {
  return new Set(nodesIn(nodes).map(calledBy));
}

/** The nodes and those of the graphs inside them. */
export function nodesIn(nodes: readonly Node[]): readonly Node[] {
  return nodes.flatMap((node) => {
    const inside = subgraphs(node).flatMap((body) => nodesIn(body.nodes));
    return [node, ...inside];
  });
}

function recursive(path: readonly FunctionKey[]): LatheError {
  const names = path.map((key) => `"${key.slice(key.indexOf('::') + 2)}"`);
  return new LatheError(
    'onnx-recursive-function',
    `The function ${names[0]} calls itself (${names.join(' → ')}), so it never ends and the model cannot run; export the model again without functions.`,
    { function: path[0] },
  );
}
