import { normEpsilon } from '../../../../anatomy/constants.ts';
import { isMove, isOp } from '../../../../anatomy/operators.ts';
import type { Anatomy } from '../../../../anatomy/types.ts';
import { viewGraph } from '../../../../anatomy/view.ts';
import { walk } from '../../../../anatomy/walk.ts';
import { buildBert, type BertConfig } from '../../../../onnx/build/bert.ts';
import {
  initialWeights,
  plannedWeights,
  type WeightSource,
} from '../../../../onnx/build/initial-weights.ts';
import { buildVit } from '../../../../onnx/build/vit.ts';
import { intsAttribute } from '../../../../onnx/graph/attributes.ts';
import type { Graph, Model } from '../../../../onnx/types.ts';
import { portsOf, withPortsOf } from './ports.ts';
import type { FreshSizes } from './sizes.ts';

const OWN = { scores: 'logits' } as const;

/**
 * A BERT-like classifier of texts: vocabulary, longest sequence, ε, classes and pooling as the teacher's;
 * token types are taken and not looked at. Undefined when the teacher is no such classifier.
 */
export function freshBert(
  graph: Graph,
  anatomy: Anatomy,
  sizes: FreshSizes,
  ids: string,
  seed: number | undefined,
): Model | undefined {
  const classes = classesOf(graph);
  const pooling = poolingOf(graph, anatomy);
  const table = anatomy.layers.find(({ role }) => role === 'position-embedding');
  const { vocabularySize } = anatomy;
  if (!classes || !pooling || !table || !vocabularySize) return undefined;
  const ports = portsOf(graph, ids);
  const config: BertConfig = {
    ...encoderSizes(sizes, graph),
    ...{ classes, pooling, vocabularySize, maxPositions: table.outFeatures },
  };
  const student = buildBert(config, drawn(seed));
  return withPortsOf(graph, ports, student, { ...OWN, data: 'input_ids' });
}

/**
 * A ViT-like classifier of images: image, patch, colours, ε and classes as the teacher's. Undefined when
 * the teacher does not cut square images of fixed size into square patches by one convolution.
 */
export function freshVit(
  graph: Graph,
  anatomy: Anatomy,
  sizes: FreshSizes,
  pixels: string,
  seed: number | undefined,
): Model | undefined {
  const classes = classesOf(graph);
  const patch = anatomy.layers.find(({ role, op }) => role === 'patch' && op === 'Conv');
  const image = graph.inputs.find(({ name }) => name === pixels)?.type?.dims;
  const [channels, side, other] = (image ?? []).slice(1).map(({ value }) => value);
  const node = graph.nodes.find(({ outputs }) => patch && outputs.includes(patch.output));
  const [high, wide] = (node && intsAttribute(node, 'kernel_shape')) ?? [];
  if (!classes || !channels || !side || side !== other || !high || high !== wide) return undefined;
  const ports = portsOf(graph, pixels);
  const config = { ...encoderSizes(sizes, graph), classes, channels, imageSize: side };
  const student = buildVit({ ...config, patchSize: high }, drawn(seed));
  return withPortsOf(graph, ports, student, { ...OWN, data: 'pixel_values' });
}

/** Without a seed, sizes alone. */
function drawn(seed: number | undefined): WeightSource {
  return seed === undefined ? plannedWeights : initialWeights(seed);
}

function encoderSizes({ hiddenSize, feedForwardWidth, blocks, heads }: FreshSizes, graph: Graph) {
  return { hiddenSize, feedForwardWidth, blocks, heads, normEpsilon: normEpsilon(graph) };
}

/** Classes of scores [batch, classes]; undefined for scores of another form. */
function classesOf({ outputs }: Graph): number | undefined {
  const dims = outputs[0]?.type?.dims;
  return dims?.length === 2 ? dims[1].value : undefined;
}

/** Whether the first token behind the last block is classified, or the mean of all. */
function poolingOf(graph: Graph, { blocks }: Anatomy): BertConfig['pooling'] | undefined {
  const view = viewGraph(graph);
  let found: BertConfig['pooling'] | undefined;
  walk([blocks[blocks.length - 1].output], (value) => {
    const onward: string[] = [];
    for (const { node: index } of view.uses(value)) {
      const node = view.nodes[index];
      if (isOp(node, 'Gather', 'Slice')) found = 'first';
      else if (isOp(node, 'ReduceMean', 'ReduceSum')) found = 'mean';
      else if (isMove(node) || isOp(node, 'Mul', 'Where')) onward.push(...node.outputs);
    }
    return found === undefined ? onward : 'done';
  });
  return found;
}
