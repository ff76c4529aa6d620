import type { Layer } from '../../anatomy/types.ts';
import type { Model, Tensor } from '../../onnx/types.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Skipped } from '../contract.ts';
import { placeOf, storedWeights, type StoredWeight } from '../../encodings/index.ts';
import { indexGraph, type GraphIndex } from '../../onnx/graph/index-graph.ts';

const FLOATS = new Set<number>([DataType.float32, DataType.float16]);

/** Initializers behind the layers that gradients can change, and the layers that have none. */
export function layerWeights(
  model: Model,
  layers: readonly Layer[],
): { readonly names: readonly string[]; readonly skipped: readonly Skipped[] } {
  const names = new Set<string>();
  const skipped: { name: string; reason: string }[] = [];
  for (const layer of layers) {
    const weight = placeOf(model, layer)?.weight;
    if (weight !== undefined && FLOATS.has(weight.dataType)) names.add(weight.name);
    else skipped.push({ name: layer.name, reason: notFloat(layer) });
  }
  return { names: [...names], skipped };
}

function notFloat({ name }: Layer): string {
  return `"${name}" is not stored as floating-point numbers, and whole-number codes have no gradient; train an adapter (LoRA) beside it, or dequantize it first.`;
}

/** Float vectors that nodes read directly: biases, and the scales and shifts of norms. */
export function smallWeights(model: Model): readonly string[] {
  const { graph } = model;
  const index = indexGraph(graph);
  const codes = [...storedWeights(model).values()];
  const stored = new Set(
    codes.flatMap((weight) => [
      ...weight.tensors.map(({ name }) => name),
      ...unpacking(index, weight),
    ]),
  );
  const readers = graph.nodes.filter(({ opType }) => !CODED.has(opType));
  const read = new Set(readers.flatMap((node) => node.inputs));
  return graph.initializers
    .filter((tensor) => isVector(tensor) && read.has(tensor.name) && !stored.has(tensor.name))
    .map(({ name }) => name);
}

/** Initializers that a stored weight is unpacked with (shifts, tables of the standards): constants, not weights. */
function unpacking(index: GraphIndex, { node, input }: StoredWeight): readonly string[] {
  const made = (value: string) => index.producer(value) !== undefined;
  const open = node.inputs.filter((value) => value !== input && made(value));
  const seen = new Set([input, ...open]);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const value of index.producer(next)?.node.inputs ?? []) {
      if (seen.has(value)) continue;
      seen.add(value);
      open.push(value);
    }
  }
  return [...seen].filter((value) => index.initializer(value) !== undefined);
}

/** What these read are scales of whole-number codes, which stay as they are. */
const CODED = new Set([
  'MatMulNBits',
  'GatherBlockQuantized',
  'DequantizeLinear',
  'QuantizeLinear',
]);

/** Longer than what exporters store as constants of the arithmetic (epsilon, scale, one half). */
function isVector({ dataType, dims }: Tensor): boolean {
  return FLOATS.has(dataType) && dims.length === 1 && dims[0] > 1;
}
