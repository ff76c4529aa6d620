import { tensorAttribute } from '../../../onnx/graph/attributes.ts';
import type { GraphIndex } from '../../../onnx/graph/index-graph.ts';
import type { Node, Tensor } from '../../../onnx/types.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { arithmetic, type Compute } from './arithmetic.ts';
import { readDense, type Dense } from './dense.ts';
import { movement } from './movement.ts';

const COMPUTE: ReadonlyMap<string, Compute> = new Map(
  Object.entries({ ...arithmetic, ...movement }),
);

/** True for operators that {@link computeValue} knows: what weights are unpacked by. */
export function isComputable({ domain, opType }: Node): boolean {
  const standard = domain === '' || domain === 'ai.onnx';
  return standard && (opType === 'Constant' || COMPUTE.has(opType));
}

/**
 * A value that depends on stored tensors and `given` values alone, computed operator by operator, each rounded to
 * its type as in the graph. Throws `weight-not-computed` for a form of an operator that is not known here.
 */
export async function computeValue(
  index: GraphIndex,
  value: string,
  given: ReadonlyMap<string, Dense> = new Map(),
): Promise<Dense> {
  const known = new Map(given);
  for (const node of nodesBefore(index, value, known)) {
    const inputs: (Dense | undefined)[] = [];
    for (const input of node.inputs) inputs.push(await valueOf(index, input, known));
    const [output] = node.outputs;
    known.set(output, (await computed(node, inputs)) ?? notComputed(node, value));
    // A weight may be large, and what only this node read is not needed again.
    for (const input of node.inputs) if (index.useCount(input) === 1) known.delete(input);
  }
  return (await valueOf(index, value, known)) ?? notComputed(undefined, value);
}

async function computed(
  node: Node,
  inputs: readonly (Dense | undefined)[],
): Promise<Dense | undefined> {
  if (node.opType !== 'Constant') return COMPUTE.get(node.opType)?.(node, inputs);
  const tensor = tensorAttribute(node, 'value');
  return tensor && readDense(tensor);
}

async function valueOf(
  index: GraphIndex,
  value: string,
  known: ReadonlyMap<string, Dense>,
): Promise<Dense | undefined> {
  const found = known.get(value);
  if (found !== undefined || value === '') return found;
  const tensor: Tensor | undefined = index.initializer(value);
  return tensor && readDense(tensor);
}

/** Nodes a value is computed by, each after those it reads. */
function nodesBefore(
  index: GraphIndex,
  value: string,
  given: ReadonlyMap<string, unknown>,
): readonly Node[] {
  const order = new Map<number, Node>();
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const made = given.has(next) ? undefined : index.producer(next);
    if (made === undefined || order.has(made.index)) continue;
    order.set(made.index, made.node);
    open.push(...made.node.inputs);
  }
  return [...order].sort(([a], [b]) => a - b).map(([, node]) => node);
}

function notComputed(node: Node | undefined, value: string): never {
  const what = node === undefined ? 'nothing' : `a form of ${node.opType}`;
  throw new LatheError(
    'weight-not-computed',
    `The weight "${value}" is computed in the graph by ${what} that cannot be followed here; leave this layer out.`,
    { value },
  );
}
