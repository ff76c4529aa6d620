import { indexGraph } from '../../onnx/graph/index-graph.ts';
import { subgraphs } from '../../onnx/graph/attributes.ts';
import { inferShapes, type ShapeInfo } from '../../onnx/shape/infer.ts';
import type { Graph, Model } from '../../onnx/types.ts';
import { FUSIONS } from '../fusions/choose.ts';
import type { WeightUse } from '../types.ts';
import { readSplit } from '../split/split.read.ts';
import { readComputed } from './computed.ts';
import type { ReadStored, StoredWeight, Surroundings } from './types.ts';

/** First that recognises wins. */
const READERS: readonly ReadStored[] = [
  readSplit,
  ...FUSIONS.map(({ read }) => read),
  readComputed,
];

/** Models are immutable, so what is stored in a graph is looked for once. */
const known = new WeakMap<Graph, ReadonlyMap<string, StoredWeight>>();

/**
 * The layers of a model whose weights are stored as codes that a kernel or the graph turns into numbers, by
 * the layer's output. Forms that are not recognised are not there. Reads no bytes.
 */
export function storedWeights(model: Model): ReadonlyMap<string, StoredWeight> {
  const before = known.get(model.graph);
  if (before !== undefined) return before;
  const around = surroundings(model);
  const found = new Map<string, StoredWeight>();
  for (const node of model.graph.nodes) {
    for (const read of READERS) {
      const stored = read(around, node);
      if (stored === undefined) continue;
      found.set(stored.output, stored);
      break;
    }
  }
  // What is part of a layer is none itself.
  for (const { inside } of [...found.values()]) for (const value of inside) found.delete(value);
  known.set(model.graph, found);
  return found;
}

/** How a layer's weight is stored; undefined where it is a plain initializer, or not recognised. */
export function storedWeightOf(
  model: Model,
  { output }: Pick<WeightUse, 'output'>,
): StoredWeight | undefined {
  return storedWeights(model).get(output);
}

function surroundings(model: Model): Surroundings {
  const constants = constantValues(model.graph);
  let known: ReturnType<typeof shapesOf>;
  const shapes = () => (known ??= shapesOf(model));
  return {
    index: indexGraph(model.graph),
    isConstant: (value) => constants.has(value),
    dimsOf: (value) =>
      shapes()
        ?.typeOf(value)
        ?.dims.map((size) => (typeof size === 'number' ? size : undefined)),
    dataTypeOf: (value) => shapes()?.dataTypeOf(value) ?? 0,
  };
}

function shapesOf(model: Model): ShapeInfo | undefined {
  try {
    return inferShapes(model);
  } catch {
    return undefined;
  }
}

const RANDOM = /^(Random|Multinomial|Bernoulli)/;

/** Relies on the topological order of valid graphs; in another order it only finds fewer. */
function constantValues({ nodes, initializers }: Graph): ReadonlySet<string> {
  const constants = new Set(initializers.map(({ name }) => name));
  for (const node of nodes) {
    const fixed = node.inputs.every((value) => value === '' || constants.has(value));
    if (!fixed || RANDOM.test(node.opType) || subgraphs(node).length > 0) continue;
    for (const output of node.outputs) constants.add(output);
  }
  return constants;
}
