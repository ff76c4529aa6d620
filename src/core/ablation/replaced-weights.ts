import { isPassing } from '../encodings/index.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { indexGraph, type GraphIndex } from '../onnx/graph/index-graph.ts';
import { makeValueInfo } from '../onnx/graph/make.ts';
import { valuesRead } from '../onnx/graph/values.ts';
import type { Model, Tensor } from '../onnx/types.ts';
import type { Ablation } from './types.ts';

/** The weights that ablations replace, each once, in order of their first mention. */
export function replacedWeights(ablations: readonly Ablation[]): readonly string[] {
  const all = ablations.flatMap(({ replaced = [] }) => replaced.map(({ weight }) => weight));
  return [...new Set(all)];
}

/** A model some of whose weights are inputs, under their own names. */
export interface OpenedWeights {
  readonly model: Model;
  /** What they were. */
  readonly weights: readonly Tensor[];
  /** For each node that reads one of them (a Cast or Transpose of it aside): what else it reads and some node makes. */
  readonly besides: readonly (readonly string[])[];
}

/**
 * Makes inputs of these weights: given what they held it is the same function, given other values the model with those.
 * Throws `ablation-weight`.
 */
export function openWeights(model: Model, names: readonly string[]): OpenedWeights {
  const { graph } = model;
  const byName = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const weights = names.map((name) => byName.get(name) ?? noSuchWeight(name));
  const opened = new Set(names);
  const index = indexGraph(graph);
  return {
    weights,
    besides: names.flatMap((name) => besides(index, name)),
    model: {
      ...model,
      graph: {
        ...graph,
        initializers: graph.initializers.filter(({ name }) => !opened.has(name)),
        inputs: [
          ...graph.inputs.filter(({ name }) => !opened.has(name)),
          ...weights.map(({ name, dataType, dims }) => makeValueInfo(name, dataType, dims)),
        ],
      },
    },
  };
}

function besides(index: GraphIndex, value: string): string[][] {
  return index.consumers(value).flatMap((node) => {
    if (isPassing(node)) return node.outputs.flatMap((output) => besides(index, output));
    const others = [...valuesRead(node)].filter((other) => other !== value);
    return [others.filter((other) => index.producer(other) !== undefined)];
  });
}

function noSuchWeight(weight: string): never {
  throw new LatheError(
    'ablation-weight',
    `The model has no weight "${weight}" to give other values; name one of its initializers.`,
    { weight },
  );
}
