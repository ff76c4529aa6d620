import type { Norm } from '../anatomy/norms.ts';
import { isOp } from '../anatomy/operators.ts';
import type { GraphView } from '../anatomy/view.ts';
import { floatsOf } from '../anatomy/view.ts';
import { isSkipNorm } from '../anatomy/residual.ts';
import { floatAttribute } from '../onnx/graph/attributes.ts';
import type { Node } from '../onnx/types.ts';

/** A norm that reads the stream, with what it multiplies by and adds. */
export interface StreamNorm extends Norm {
  /** The operators it is written with. */
  readonly nodes: readonly Node[];
  /** Initializers of γ and β [width], where there are. */
  readonly gain?: string;
  readonly shift?: string;
  readonly epsilon: number;
  /** What is normed, where that is only summed inside the operator. */
  readonly terms?: readonly string[];
}

/** The norm with its constants. */
export function normBetween(view: GraphView, norm: Norm, fused?: Node): StreamNorm {
  const node = fused ?? view.maker(norm.output);
  if (node && /Normalization$/.test(node.opType)) return operator(norm, node);
  const nodes = nodesOf(view, norm);
  const vectors = (op: string) =>
    nodes
      .filter((one) => isOp(one, op))
      .flatMap(({ inputs }) => inputs.filter((input) => isVector(view, input)));
  const [gain] = vectors('Mul');
  const [shift] = vectors('Add');
  const epsilons = nodes
    .filter((one) => isOp(one, 'Add', 'Max'))
    .flatMap(({ inputs }) => inputs.flatMap((input) => scalarOf(view, input) ?? []));
  return {
    ...{ ...norm, nodes, epsilon: epsilons[0] ?? 0 },
    ...(gain !== undefined && { gain: storedName(view, gain) }),
    ...(shift !== undefined && { shift: storedName(view, shift) }),
  };
}

function operator(norm: Norm, node: Node): StreamNorm {
  const skips = isSkipNorm(node);
  const [gain, shift] = node.inputs.slice(skips ? 2 : 1);
  const layer = norm.kind === 'layer-norm';
  return {
    ...{ ...norm, nodes: [node], epsilon: floatAttribute(node, 'epsilon', skips ? 1e-12 : 1e-5) },
    ...(gain && { gain }),
    ...(layer && shift && { shift }),
    ...(skips && {
      terms: [
        node.inputs[0],
        node.inputs[1],
        (layer ? node.inputs[4] : node.inputs[3]) ?? '',
      ].filter((x) => x !== ''),
    }),
  };
}

/** All nodes on the way from the norm's input to its output. */
function nodesOf(view: GraphView, { input, output }: Norm): Node[] {
  const nodes = new Set<Node>();
  const open = [output];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const node = value === input ? undefined : view.maker(value);
    if (node === undefined || nodes.has(node) || view.isConstant(value)) continue;
    nodes.add(node);
    open.push(...node.inputs);
  }
  return [...nodes];
}

function isVector(view: GraphView, value: string): boolean {
  const tensor = view.tensor(storedName(view, value));
  return tensor !== undefined && (tensor.dims.at(-1) ?? 1) > 1;
}

/** The initializer behind casts. */
function storedName(view: GraphView, value: string): string {
  const node = view.maker(value);
  return node && isOp(node, 'Cast', 'Identity') && view.isConstant(value)
    ? storedName(view, node.inputs[0])
    : value;
}

function scalarOf(view: GraphView, value: string): number | undefined {
  const tensor = view.tensor(value);
  const values = tensor && tensor.dims.every((d) => d === 1) ? floatsOf(tensor) : undefined;
  return values?.length === 1 ? values[0] : undefined;
}
