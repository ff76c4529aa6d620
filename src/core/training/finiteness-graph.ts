import type { Emitter } from '../autodiff/emitter.ts';
import { topologicalOrder } from '../onnx/graph/topology.ts';
import { makeValueInfo } from '../onnx/graph/make.ts';
import type { Model, Node } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import { assemble } from './assemble.ts';
import { maskInputs } from './masking.ts';
import { writeGradient, type TrainingInput } from './training-graph.ts';
import { VALUES } from './value-names.ts';

/** Name of the result: one number per value, 0 where all its elements are sound, else NaN. */
export const FINITENESS = 'train.finiteness';

/** A node whose result is no number any more although all that it read were numbers. */
export interface Origin {
  readonly operator: string;
  /** Name of the model's node; empty for the loss. */
  readonly node: string;
  readonly pass: 'forward' | 'loss' | 'backward';
}

export interface FinitenessGraph {
  readonly model: Model;
  /** Finds where it began, from the numbers of {@link FINITENESS}; undefined when everything is finite. */
  readonly origin: (finiteness: ArrayLike<number>) => Origin | undefined;
}

/**
 * Forward, losses and backward once more, only to see where infinities or NaN come from: for each
 * floating-point value v the number Σ(v − v), which is 0 or NaN. It begins at the first node that depends on
 * θ, reads sound values alone and makes an unsound one.
 */
export function buildFinitenessGraph(input: TrainingInput): FinitenessGraph {
  const { forward, layout, extraInputs } = input;
  const { emit, replaced, origins } = writeGradient({ ...input, scaled: false });
  const own = topologicalOrder(forward.graph.nodes);
  const emitted = [...emit.nodes];
  const nodes = [...own, ...emitted];
  const values = floatingValues(nodes, emit);
  const vector = emit.concat(
    values.map((value) => allFinite(emit, origins.has(value) ? value : withoutMasks(emit, value))),
    0,
  );
  const theta = makeValueInfo(VALUES.theta, DataType.float32, [layout.size]);
  const inputs = [...extraInputs, theta, ...maskInputs(input.masked)];
  const outputs = [{ name: FINITENESS, value: vector, dims: [values.length] }];
  const passOf = (node: Node): Origin => {
    const source = origins.get(node.outputs[0]);
    if (source !== undefined) return { ...named(source), pass: 'backward' };
    return emitted.includes(node) ? LOSS : { ...named(node), pass: 'forward' };
  };
  return {
    model: assemble({ forward, emit, inputs, outputs, replaced }),
    origin: (finiteness) => {
      const bad = new Set(values.filter((_, k) => Number.isNaN(finiteness[k])));
      const first = firstBad(nodes, bad, new Set([VALUES.theta, ...replaced.values()]));
      return first && passOf(first);
    },
  };
}

/** For people: "in the gradient of the Exp node "/attention/Exp"". */
export function originPhrase({ operator, node, pass }: Origin): string {
  if (pass === 'loss') return 'in the loss itself';
  const what = pass === 'forward' ? 'the result' : 'the gradient';
  return `in ${what} of the ${operator} node "${node}"`;
}

const LOSS: Origin = { operator: '', node: '', pass: 'loss' };

function named({ opType, name, outputs }: Node): Omit<Origin, 'pass'> {
  return { operator: opType, node: name || (outputs[0] ?? opType) };
}

const FLOATING = new Set<number>([DataType.float32, DataType.float16, DataType.float64]);

/** Every floating-point value of known size that the nodes read or make, each once, in order. */
function floatingValues(nodes: readonly Node[], emit: Emitter): string[] {
  const all = new Set(nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  return [...all].filter((value) => {
    const type = value === '' ? undefined : emit.type(value);
    return type !== undefined && FLOATING.has(type.dataType) && !type.dims.includes(0);
  });
}

/** v with 0 for −∞: outside the backward pass that is how masks say no. */
function withoutMasks(emit: Emitter, value: string): string {
  const zero = emit.scalar(0, emit.dataType(value));
  const masked = emit.compare('Equal', value, emit.scalar(-Infinity, emit.dataType(value)));
  return emit.where(masked, zero, value);
}

/** Σ(v − v) [1], float32. */
function allFinite(emit: Emitter, value: string): string {
  const axes = emit.dims(value).map((_, axis) => axis);
  const sum = emit.reduceSum(emit.sub(value, value), axes, false);
  return emit.reshape(emit.cast(sum, DataType.float32), [1]);
}

function firstBad(
  nodes: readonly Node[],
  bad: ReadonlySet<string>,
  theta: ReadonlySet<string>,
): Node | undefined {
  const depends = new Set(theta);
  for (const node of nodes) {
    if (!node.inputs.some((input) => depends.has(input))) continue;
    for (const output of node.outputs) depends.add(output);
    const broken = node.outputs.some((output) => bad.has(output));
    if (broken && !node.inputs.some((input) => bad.has(input))) return node;
  }
  return undefined;
}
