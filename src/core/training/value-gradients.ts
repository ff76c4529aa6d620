import { differentiate } from '../autodiff/differentiate.ts';
import { Emitter } from '../autodiff/emitter.ts';
import { staticValues } from '../autodiff/static-values.ts';
import { makeValueInfo } from '../onnx/graph/make.ts';
import type { Model } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import { assemble, type NamedOutput } from './assemble.ts';
import type { BatchShape } from './bindings.ts';
import { normaliseKeeping } from './compared-values.ts';
import { crossEntropy } from './losses/cross-entropy.ts';
import { computesInHalf, LABELS, scoresOf } from './problem.ts';
import { TRAINING_PREFIX } from './value-names.ts';

/** Gradients of a graph that computes in float16 are taken of so many times the loss: small ones would vanish. */
const LOSS_SCALE = 1024;

/** A value of a gradient graph and its gradient: names of outputs. */
export interface ValueGradient {
  readonly value: string;
  /** Absent where the loss does not depend on the value. */
  readonly gradient?: string;
}

export interface ValueGradients {
  /** Inputs: the model's, and the labels ({@link LABELS}). Outputs in float32. */
  readonly model: Model;
  readonly at: ReadonlyMap<string, ValueGradient>;
  /** The gradients are those of so many times the loss. */
  readonly scale: number;
  readonly classes: number;
}

/**
 * A graph that computes values v of a model and G = ∂L/∂v, L being the cross-entropy with the data's labels, the mean
 * over those that are not −100. `values` are outputs of its nodes. Throws `no-scores`, `training-shape`, `no-gradient`, what
 * `normalise` throws.
 */
export function buildValueGradients(
  model: Model,
  values: readonly string[],
  shape: BatchShape,
): ValueGradients {
  const forward = normaliseKeeping(model, values, shape);
  const logits = scoresOf(forward);
  const emit = new Emitter(staticValues(forward), TRAINING_PREFIX);
  const labels = logits.dims.slice(0, -1);
  emit.declare(LABELS, { dataType: DataType.int64, dims: labels });
  const { value: loss, seeds = new Map<string, string>() } = crossEntropy(
    logits.name,
    LABELS,
  )(emit);
  const scale = computesInHalf(forward) ? LOSS_SCALE : 1;
  const scaled = new Map(
    [...seeds].map(([start, seed]) => [start, scaledSeed(emit, start, seed, scale)]),
  );
  const graph = { ...forward.graph, nodes: [...forward.graph.nodes, ...emit.nodes] };
  const { gradients } = differentiate(graph, scaled, values, emit);
  const outputs: NamedOutput[] = [{ name: 'look.loss', value: loss, dims: [] }];
  const output = (name: string, value: string): string => {
    outputs.push({ name, value: emit.cast(value, DataType.float32), dims: emit.dims(value) });
    return name;
  };
  const at = new Map(
    values.map((value, index): [string, ValueGradient] => {
      const gradient = gradients.get(value);
      const made = gradient !== undefined && {
        gradient: output(`look.gradient.${index}`, gradient),
      };
      return [value, { value: output(`look.value.${index}`, value), ...made }];
    }),
  );
  const inputs = [makeValueInfo(LABELS, DataType.int64, labels)];
  const replaced = new Map<string, string>();
  return {
    model: assemble({ forward, emit, inputs, outputs, replaced }),
    ...{ at, scale, classes: logits.dims[logits.dims.length - 1] },
  };
}

function scaledSeed(emit: Emitter, start: string, seed: string, scale: number): string {
  return emit.cast(scale === 1 ? seed : emit.scale(seed, scale), emit.dataType(start));
}
