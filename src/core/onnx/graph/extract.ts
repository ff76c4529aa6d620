import { LatheError } from '../../errors/lathe-error.ts';
import { inferShapes } from '../shape/infer.ts';
import type { ShapeInfo } from '../shape/infer.ts';
import { inferredInfo } from '../shape/value-info.ts';
import type { Graph, Model, ValueInfo } from '../types.ts';
import { valueUnknown } from './edit-state.ts';
import { liveNodes } from './unused.ts';
import { capturedValues, definedValues } from './values.ts';

/**
 * A stand-alone model that computes `outputs` from `inputs`: just the nodes and initializers that
 * takes. Inputs of the whole model that are needed and not listed are added behind the listed ones.
 * Types of inner values come from `shapes` (inferred when not given).
 * Throws `value-unknown`, and `value-type-unknown` for an input whose element type is not known.
 */
export function extractSubgraph(
  model: Model,
  inputs: readonly string[],
  outputs: readonly string[],
  shapes: ShapeInfo = inferShapes(model),
): Model {
  const { graph } = model;
  assertDefined(graph, [...inputs, ...outputs]);
  const nodes = liveNodes(graph, outputs, new Set(inputs));
  const read = capturedValues({ ...graph, nodes, initializers: [], inputs: [], outputs: [] });
  for (const output of outputs) read.add(output);
  for (const input of inputs) read.delete(input);
  const initializers = graph.initializers.filter((tensor) => read.has(tensor.name));
  const held = new Set(initializers.map((tensor) => tensor.name));
  const declaresHeld = model.irVersion < 4;
  const added = graph.inputs.filter(
    ({ name }) => read.has(name) && (declaresHeld || !held.has(name)),
  );
  const part: Graph = {
    ...graph,
    nodes,
    initializers,
    inputs: [...inputs.map((name) => inputInfo(graph, shapes, name)), ...added],
    outputs: outputs.map((name) => outputInfo(graph, shapes, name)),
    valueInfo: [],
  };
  const inner = definedValues({ ...part, inputs: [], initializers: [] });
  for (const output of outputs) inner.delete(output);
  const valueInfo = graph.valueInfo.filter((info) => inner.has(info.name));
  return { ...model, graph: { ...part, valueInfo } };
}

function assertDefined(graph: Graph, names: readonly string[]): void {
  const defined = definedValues(graph);
  for (const name of names) if (!defined.has(name)) throw valueUnknown(name);
}

function outputInfo(graph: Graph, shapes: ShapeInfo, name: string): ValueInfo {
  return graph.outputs.find((info) => info.name === name) ?? inferredInfo(shapes, name);
}

function inputInfo(graph: Graph, shapes: ShapeInfo, name: string): ValueInfo {
  const info = graph.inputs.find((i) => i.name === name) ?? inferredInfo(shapes, name);
  if (info.type || info.rawType) return info;
  throw new LatheError(
    'value-type-unknown',
    `The model cannot be cut at "${name}", because the element type of that value could not be inferred; cut at another value.`,
    { value: name },
  );
}
