import { LatheError } from '../errors/lathe-error.ts';
import { topologicalOrder } from '../onnx/graph/topology.ts';
import { subgraphs } from '../onnx/graph/attributes.ts';
import type { Graph, Node } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import type { Emitter } from './emitter.ts';
import { cutReason, gradientRule } from './rules/index.ts';
import type { Cut, GradientContext } from './types.ts';

export interface Differentiation {
  /** ∂L/∂v for each value that was asked for; missing where no loss depends on it. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Where a path from a wanted value to the loss ends, and why. */
  readonly cuts: readonly Cut[];
  /** The node of the graph whose rule made each emitted value. */
  readonly origins: ReadonlyMap<string, Node>;
}

/**
 * Reverse-mode differentiation: writes the nodes that compute ∂L/∂v for every v of `wanted` into
 * `emit`, given `seeds` = ∂L/∂(some values of the graph). With y = f(x₁ … xₙ) at each node,
 * ∂L/∂xᵢ = Σ over the nodes that read xᵢ of (∂y/∂xᵢ)ᵀ·∂L/∂y, walked from the last node to the first.
 * The graph's values must have static shapes (`staticValues`), which `emit` knows.
 *
 * Throws `no-gradient` when an operator on the way has no rule, with the operator and its node.
 *
 * @see Griewank & Walther, Evaluating Derivatives (2008), chapter 3
 */
export function differentiate(
  graph: Graph,
  seeds: ReadonlyMap<string, string>,
  wanted: readonly string[],
  emit: Emitter,
): Differentiation {
  const nodes = topologicalOrder(graph.nodes);
  const depends = dependents(nodes, wanted, emit);
  const tape = new Tape(emit, seeds);
  const cuts: Cut[] = [];
  const origins = new Map<string, Node>();
  for (let i = nodes.length - 1; i >= 0; i--) {
    const from = emit.nodes.length;
    stepBack(nodes[i], tape, depends, emit, cuts);
    for (const { outputs } of emit.nodes.slice(from)) {
      for (const output of outputs) origins.set(output, nodes[i]);
    }
  }
  const gradients = new Map<string, string>();
  for (const value of wanted) {
    const gradient = tape.total(value);
    if (gradient !== undefined) gradients.set(value, gradient);
  }
  return { gradients, cuts, origins };
}

/** Every value a wanted one has influence on, through numbers that have derivatives. */
function dependents(
  nodes: readonly Node[],
  wanted: readonly string[],
  emit: Emitter,
): ReadonlySet<string> {
  const reached = new Set(wanted);
  const coded = new Set<string>();
  for (const node of nodes) {
    if (!node.inputs.some((input) => reached.has(input))) continue;
    // The whole numbers of a QuantizeLinear stand for real ones: see rules/quantization.ts.
    const codes = node.opType === 'QuantizeLinear' || node.inputs.some((i) => coded.has(i));
    for (const output of node.outputs) {
      if (isFloating(output, emit)) reached.add(output);
      else if (output !== '' && codes && KEEPS_CODES.has(node.opType)) {
        reached.add(output);
        coded.add(output);
      }
    }
  }
  return reached;
}

/** Operators that make codes or hand them on as they are. */
const KEEPS_CODES: ReadonlySet<string> = new Set([
  'QuantizeLinear',
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Identity',
]);

const FLOATING = new Set<number>([
  DataType.float32,
  DataType.float64,
  DataType.float16,
  DataType.bfloat16,
]);

/** Unknown types count as numbers that flow: their rule will say that the shape is missing. */
function isFloating(value: string, emit: Emitter): boolean {
  if (value === '') return false;
  const type = emit.type(value);
  return type === undefined || FLOATING.has(type.dataType);
}

/** Gradients that arrived at each value; several arrivals are summed once, when first asked for. */
class Tape {
  readonly #arrived = new Map<string, string[]>();
  readonly #emit: Emitter;

  constructor(emit: Emitter, seeds: ReadonlyMap<string, string>) {
    this.#emit = emit;
    for (const [value, gradient] of seeds) this.add(value, gradient);
  }

  add(value: string, gradient: string): void {
    const list = this.#arrived.get(value);
    if (list) list.push(gradient);
    else this.#arrived.set(value, [gradient]);
  }

  total(value: string): string | undefined {
    const list = this.#arrived.get(value);
    if (list === undefined) return undefined;
    if (list.length > 1) {
      // Add and not Sum, which leaves the GPU.
      this.#arrived.set(value, [list.reduce((a, b) => this.#emit.add(a, b))]);
    }
    return this.#arrived.get(value)?.[0];
  }
}

function stepBack(
  node: Node,
  tape: Tape,
  depends: ReadonlySet<string>,
  emit: Emitter,
  cuts: Cut[],
): void {
  const wants = node.inputs.map((input) => depends.has(input));
  if (!wants.includes(true)) return;
  const gradients = node.outputs.map((output) =>
    depends.has(output) ? tape.total(output) : undefined,
  );
  if (gradients.every((gradient) => gradient === undefined)) return;
  const reason = cutReason(node);
  if (reason !== undefined) {
    cuts.push({ node: node.name, operator: node.opType, reason });
    return;
  }
  const rule = gradientRule(node);
  if (rule === undefined || subgraphs(node).length > 0) throw noGradient(node);
  const results = rule(contextOf(node, gradients, wants, emit));
  results.forEach((gradient, index) => {
    if (gradient !== undefined && wants[index]) tape.add(node.inputs[index], gradient);
  });
}

function contextOf(
  node: Node,
  gradients: readonly (string | undefined)[],
  wants: readonly boolean[],
  emit: Emitter,
): GradientContext {
  return {
    node,
    emit,
    get dy() {
      return gradients[0] ?? zeros(node, emit);
    },
    gradient: (index) => gradients[index],
    input: (index) => node.inputs[index] ?? '',
    output: (index = 0) => node.outputs[index] ?? '',
    dims: (index) => {
      const value = node.inputs[index] ?? '';
      return (emit.type(value) ?? shapeUnknownOf(node, value)).dims;
    },
    wants: (index) => wants[index] ?? false,
  };
}

/** A rule may ask for the first output's gradient although only others have one: then it is zero. */
function zeros(node: Node, emit: Emitter): string {
  const { dims, dataType } = emit.type(node.outputs[0]) ?? shapeUnknownOf(node, node.outputs[0]);
  return emit.expand(emit.scalar(0, dataType), dims);
}

function shapeUnknownOf(node: Node, value: string): never {
  throw shapeUnknown(node, value);
}

function nameOf(node: Node): string {
  return node.name || (node.outputs.find((output) => output !== '') ?? node.opType);
}

function noGradient(node: Node): LatheError {
  return new LatheError(
    'no-gradient',
    `The operator ${node.opType} (node "${nameOf(node)}") lies between the weights and the loss, and no gradient is known for it; train layers behind it only, or export the model without it.`,
    { operator: node.opType, node: nameOf(node) },
  );
}

function shapeUnknown(node: Node, value: string): LatheError {
  return new LatheError(
    'gradient-shape-unknown',
    `The size of "${value}", which the ${node.opType} node "${nameOf(node)}" reads, is not known before the model runs, so its gradient cannot be written; export the model with fixed sizes there.`,
    { operator: node.opType, node: nameOf(node), value },
  );
}
