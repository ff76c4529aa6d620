import { differentiate } from '../../src/core/autodiff/differentiate.ts';
import { Emitter } from '../../src/core/autodiff/emitter.ts';
import type { StaticValues } from '../../src/core/autodiff/types.ts';
import { makeValueInfo } from '../../src/core/onnx/graph/make.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { DataType, elementCount } from '../../src/core/tensor/data-type.ts';
import type { Value } from '../../src/core/tensor/values.ts';
import { goldenGradients, goldenWave, gradientError } from '../golden/model-gradients.ts';
import { interpret } from './interpret/interpret.ts';
import { f64FromValue } from './interpret/value.ts';
import { floatWeights } from './layout-feeds.ts';
import { runModel } from './run-model.ts';

/** The model with ∂L/∂w of each weight as outputs too, with L = Σ output ⊙ waves over the outputs. */
function gradientModel(normal: Model, types: StaticValues, weights: readonly string[]) {
  const emit = new Emitter(types, 'gradient.');
  const seeds = new Map<string, string>();
  for (const { name } of normal.graph.outputs) {
    const dims = emit.dims(name);
    const values = Float32Array.from({ length: elementCount(dims) }, (_, k) => goldenWave(k));
    seeds.set(name, emit.store(dims, values));
  }
  const { gradients } = differentiate(normal.graph, seeds, weights, emit);
  const names = [...new Set(gradients.values())];
  const graph = {
    ...normal.graph,
    nodes: [...normal.graph.nodes, ...emit.nodes],
    initializers: [...normal.graph.initializers, ...emit.initializers],
    outputs: [
      ...normal.graph.outputs,
      ...names.map((name) => makeValueInfo(name, DataType.float32, emit.dims(name))),
    ],
  };
  return { model: { ...normal, graph }, gradients };
}

export interface Differentiated {
  readonly model: Model;
  /** The model normalised, with the types of its values. */
  readonly normal: Model;
  readonly types: StaticValues;
  readonly feeds: Readonly<Record<string, Value>>;
}

/** A gradient, in whichever precision it was computed. */
export interface Gradient {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface Gradients {
  readonly outputs: ReadonlyMap<string, Value>;
  readonly ofWeights: ReadonlyMap<string, Gradient | undefined>;
}

/** The outputs of the normalised model and all weights' gradients, in one run of onnxruntime (float32). */
export async function runBackward({
  model,
  normal,
  types,
  feeds,
}: Differentiated): Promise<Gradients> {
  const names = floatWeights(model).map((weight) => weight.name);
  const backward = gradientModel(normal, types, names);
  const outputs = await runModel(backward.model, feeds);
  const ofWeights = new Map(
    names.map((name) => {
      const value = outputs.get(backward.gradients.get(name) ?? '');
      return [
        name,
        value?.data instanceof Float32Array ? { ...value, data: value.data } : undefined,
      ];
    }),
  );
  return { outputs, ofWeights };
}

/** All weights' gradients by plain loops in float64. */
export function interpretBackward({ model, normal, types, feeds }: Differentiated) {
  const names = floatWeights(model).map((weight) => weight.name);
  const backward = gradientModel(normal, types, names);
  const given = Object.entries(feeds).map(([name, value]) => [name, f64FromValue(value)] as const);
  const values = interpret(backward.model, Object.fromEntries(given));
  return new Map(names.map((name) => [name, values.get(backward.gradients.get(name) ?? '')]));
}

/**
 * Error of each weight's gradient against PyTorch's for the model `name`, relative to the gradient's
 * norm plus `floor` times the largest norm of the model; NaN where it is missing. (Some gradients are
 * zero by symmetry: a bias of all keys moves all scores of a row alike. There only rounding is left.)
 */
export function gradientErrors(
  name: string,
  model: Model,
  gradients: ReadonlyMap<string, Gradient | undefined>,
  floor: number,
): readonly { readonly weight: string; readonly error: number }[] {
  const weights = floatWeights(model);
  const sizes = weights.map(({ dims }) => elementCount(dims));
  const golden = goldenGradients(name, sizes);
  const least = floor * Math.max(...golden.map(({ norm }) => norm));
  return weights.map(({ name: weight, dims }, index) => {
    const found = gradients.get(weight);
    const fits = found !== undefined && found.dims.join() === dims.join();
    return { weight, error: fits ? gradientError(found.data, golden[index], least) : NaN };
  });
}
