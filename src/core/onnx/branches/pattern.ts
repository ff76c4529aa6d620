import { DataType } from '../../tensor/data-type.ts';
import { capturedValues, valuesRead } from '../graph/values.ts';
import type { Graph, Node, ValueInfo } from '../types.ts';
import { bodyOf, BRANCHES, type BranchName } from './record.ts';

/** An If that switches between a decoder that starts and one that goes on from its cache. */
export interface CacheSwitch {
  readonly node: Node;
  /** The branch that reads no cache: it runs on the tokens alone. */
  readonly main: BranchName;
}

/**
 * The merged decoders of Optimum and transformers.js: an If of the outermost graph whose condition is an
 * input of the model, and of whose branches one reads inputs of keys and values (floats of at least
 * four axes) that the other does without. Bodies that hold what cannot be moved out of them (sparse
 * tensors, fields of a newer ONNX) are left as they are, as is every other If.
 */
export function cacheSwitches(graph: Graph): readonly CacheSwitch[] {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !stored.has(name));
  return graph.nodes.flatMap((node) => {
    const main = isSwitch(node, inputs) ? mainOf(graph, node, inputs) : undefined;
    return main === undefined ? [] : [{ node, main }];
  });
}

function isSwitch(node: Node, inputs: readonly ValueInfo[]): boolean {
  if (node.opType !== 'If' || (node.domain !== '' && node.domain !== 'ai.onnx')) return false;
  const bodies = BRANCHES.flatMap((branch) => bodyOf(node, branch) ?? []);
  const movable = bodies.every((body) => body.inputs.length === 0 && body.unknown === undefined);
  const complete = bodies.every((body) => body.outputs.length === node.outputs.length);
  const asked = inputs.some(({ name }) => name === node.inputs[0]);
  return bodies.length === BRANCHES.length && movable && complete && asked;
}

/** The branch that reads fewer caches; undefined where they do not differ in that. */
function mainOf(graph: Graph, node: Node, inputs: readonly ValueInfo[]): BranchName | undefined {
  const caches = inputs.filter(isCache).map(({ name }) => name);
  const [otherwise, then] = BRANCHES.map((branch) => {
    const body = bodyOf(node, branch);
    const read = body ? valuesBehind(graph, capturedValues(body)) : new Set<string>();
    return caches.filter((name) => read.has(name)).length;
  });
  if (otherwise === then) return undefined;
  return otherwise < then ? 'else_branch' : 'then_branch';
}

const FLOATS = new Set<number>([DataType.float32, DataType.float16, DataType.bfloat16]);

function isCache({ type }: ValueInfo): boolean {
  return type !== undefined && FLOATS.has(type.dataType) && (type.dims?.length ?? 0) >= 4;
}

/** What values depend on in the graph around the If. */
function valuesBehind(graph: Graph, values: ReadonlySet<string>): ReadonlySet<string> {
  const makers = new Map(graph.nodes.flatMap((n) => n.outputs.map((value) => [value, n] as const)));
  const found = new Set(values);
  const open = [...values];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const maker = makers.get(value);
    for (const read of maker ? valuesRead(maker) : []) {
      if (found.has(read)) continue;
      found.add(read);
      open.push(read);
    }
  }
  return found;
}
