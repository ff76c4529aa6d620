import type { Model, Tensor } from '../onnx/types.ts';
import { constantTensors, isFloat, isNarrow, type ConstantTensor } from '../onnx/weights.ts';
import { elementCount } from '../tensor/data-type.ts';
import type { FoundLayers } from './layers.ts';
import { isFused, isMove, isOp } from './operators.ts';
import { isRotaryTable } from './tables.ts';
import type { Aside } from './types.ts';
import type { GraphView } from './view.ts';
import { walk } from './walk.ts';

/** Smaller matrices are factors, scales and the like, which nobody misses in a list. */
const LEAST_ELEMENTS = 64;

/** True for a tensor that can be a weight: two axes or more, floating or of a quantized type, not tiny. */
export function canBeWeight({ dims, dataType }: Tensor): boolean {
  const numbers = isFloat(dataType) || isNarrow(dataType);
  return numbers && dims.length >= 2 && elementCount(dims) >= LEAST_ELEMENTS;
}

/**
 * The stored weights that are in no layer, each with the reason: held quantized, inside an operator that
 * is more than one linear map, in a sub-graph, in a form that is no matrix.
 */
export function findAside(model: Model, view: GraphView, found: FoundLayers): Aside[] {
  const codes = [...found.linears, ...found.tables].flatMap(({ stored }) => stored?.tensors ?? []);
  const listed = new Set([
    ...found.layers.map(({ weight }) => weight),
    ...codes.map(({ name }) => name),
  ]);
  const blocked = blockedWeights(view, found);
  return constantTensors(model.graph).flatMap((constant) => {
    const { name, tensor } = constant;
    if (listed.has(name) || !canBeWeight(tensor)) return [];
    return [{ weight: name, reason: blocked.get(name) ?? reasonOf(view, constant) }];
  });
}

/** Everything stored behind a linear map or table that is no layer, scales included. */
function blockedWeights(view: GraphView, found: FoundLayers): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  for (const { node, obstacle } of [...found.linears, ...found.tables]) {
    if (obstacle === undefined) continue;
    const constant = (values: readonly string[]) => values.filter((v) => view.isConstant(v));
    walk(constant(view.nodes[node].inputs), (value) => {
      if (view.tensor(value)) reasons.set(value, obstacle);
      return constant(view.maker(value)?.inputs ?? []);
    });
  }
  return reasons;
}

function reasonOf(view: GraphView, { name, uses }: ConstantTensor): string {
  if (uses.length === 0) return 'is used by nothing in the graph';
  const [reader] = readersOf(view, name);
  if (reader === undefined) return 'is used inside a sub-graph, which is not looked into';
  const { opType } = reader.node;
  if (isFused(reader.node, 'Attention', 'QAttention') && reader.slot === 1) {
    return 'holds queries, keys and values inside a fused Attention operator';
  }
  if (isFused(reader.node, 'EmbedLayerNormalization')) {
    return 'is a table inside EmbedLayerNormalization';
  }
  if (
    isOp(reader.node, 'LSTM', 'GRU', 'RNN', 'ConvTranspose') ||
    isFused(reader.node, 'MoE', 'QMoE')
  ) {
    return `lies inside ${opType}, which is more than one linear map`;
  }
  if (isOp(reader.node, 'Gather')) {
    return isRotaryTable(view, reader.node.outputs[0])
      ? 'is a table of rotary positions'
      : 'is looked up, but not as a table of embeddings';
  }
  if (isOp(reader.node, 'MatMul') && reader.slot === 0) return 'is multiplied from the left';
  return `is used by ${opType}, which is no linear map`;
}

/** The nodes that compute with a value, seen through those that only move it about. */
function readersOf(view: GraphView, start: string) {
  const found: { readonly node: GraphView['nodes'][number]; readonly slot: number }[] = [];
  walk([start], (value) =>
    view.uses(value).flatMap(({ node: index, slot }) => {
      const node = view.nodes[index];
      if (isMove(node) && slot === 0) return node.outputs;
      found.push({ node, slot });
      return [];
    }),
  );
  return found;
}
