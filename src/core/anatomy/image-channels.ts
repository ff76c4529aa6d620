import { intAttribute } from '../onnx/graph/attributes.ts';
import { indexGraph, type GraphIndex } from '../onnx/graph/index-graph.ts';
import type { Graph, Node } from '../onnx/types.ts';

/** What stands between an image and its first convolution without changing its channels. */
const PASSES = new Set([
  'Cast',
  'Identity',
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
]);

/** Input of a convolution that holds its weight [maps, channels / group, …]. */
const WEIGHT: Readonly<Record<string, number>> = { Conv: 1, ConvInteger: 1, QLinearConv: 3 };

/**
 * Channels of the images (or features) at a graph input, told by the weight of the convolution that
 * reads them: channels / group · group. Undefined where no convolution reads them directly.
 */
export function imageChannels(graph: Graph, input: string): number | undefined {
  const index = indexGraph(graph);
  let values = [input];
  for (let steps = 0; steps < 4 && values.length > 0; steps++) {
    const readers = values.flatMap((value) =>
      index.consumers(value).filter((node) => node.inputs[0] === value),
    );
    for (const node of readers) {
      const channels = channelsOf(index, node);
      if (channels !== undefined) return channels;
    }
    values = readers.flatMap(({ opType, outputs }) => (PASSES.has(opType) ? [outputs[0]] : []));
  }
  return undefined;
}

function channelsOf(index: GraphIndex, node: Node): number | undefined {
  if (!Object.hasOwn(WEIGHT, node.opType)) return undefined;
  const perGroup = dimsOf(index, node.inputs[WEIGHT[node.opType]])?.[1];
  return perGroup === undefined ? undefined : perGroup * intAttribute(node, 'group', 1);
}

/** Sizes of a stored weight, also of one that is cast or dequantized first. */
function dimsOf(index: GraphIndex, value: string): readonly number[] | undefined {
  const stored = index.initializer(value);
  if (stored !== undefined) return stored.dims;
  const maker = index.producer(value)?.node;
  return maker && PASSES.has(maker.opType) ? index.initializer(maker.inputs[0])?.dims : undefined;
}
