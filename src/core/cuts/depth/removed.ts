import type { Anatomy, Block, SubLayer } from '../../anatomy/types.ts';
import { indexGraph } from '../../onnx/graph/index-graph.ts';
import type { Graph, Node } from '../../onnx/types.ts';
import type { Cut } from '../types.ts';
import { beforeCasts } from './casts.ts';
import { missingPart } from './problems.ts';

/** Blocks and parts of blocks that go. */
export type DepthCut = Pick<Cut, 'stack' | 'blocks' | 'attention' | 'feedForward'>;

/** What goes of one block. */
export interface RemovedPart {
  readonly block: Block;
  readonly whole: boolean;
  readonly subLayers: readonly SubLayer[];
}

/** In the order of the blocks. */
export type Removed = readonly RemovedPart[];

/** What a cut takes of a model's blocks. Throws `sub-layer-unknown` where a part was not recognised. */
export function removedBy({ blocks }: Anatomy, cut: DepthCut): Removed {
  const inStack = blocks.filter(({ stack }) => cut.stack === undefined || stack === cut.stack);
  return inStack.flatMap((block): RemovedPart[] => {
    const { index, subLayers } = block;
    if (cut.blocks?.includes(index)) return [{ block, whole: true, subLayers }];
    const kinds = [
      ...(cut.attention?.includes(index) ? (['attention'] as const) : []),
      ...(cut.feedForward?.includes(index) ? (['feed-forward'] as const) : []),
    ];
    if (kinds.length === 0) return [];
    const parts = kinds.map((kind) => {
      const part = subLayers.find((own) => own.kind === kind);
      if (part === undefined) throw missingPart(index, kind);
      return part;
    });
    // In parallel, each goes to the other one when it goes alone.
    const whole = kinds.length === 2 && subLayers.length === 2;
    return [{ block, whole, subLayers: subLayers.filter((part) => parts.includes(part)) }];
  });
}

/**
 * The first outputs of the linear maps and fused attentions that go: whatever still depends on one of them has not been
 * cut off.
 */
export function removedMaps(graph: Graph, anatomy: Anatomy, removed: Removed): Set<string> {
  const maps = new Set(anatomy.layers.map(({ output }) => output));
  const isMap = (node: Node) => maps.has(node.outputs[0]) || /Attention$/.test(node.opType);
  const inside = removed.flatMap(({ block, whole, subLayers }) =>
    whole
      ? block.nodes.map((at) => graph.nodes[at])
      : subLayers.flatMap((part) => nodesBetween(graph, part)),
  );
  return new Set(inside.filter(isMap).map(({ outputs }) => outputs[0]));
}

/** Nodes on a way from the stream before a sub-layer to what it adds. */
function nodesBetween(graph: Graph, { input, added }: SubLayer): Node[] {
  const index = indexGraph(graph);
  const stream = beforeCasts(graph, input);
  const entries = index.producer(stream)?.node.outputs ?? [stream];
  const behind = new Set<Node>();
  const open = [added];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const node = entries.includes(value) ? undefined : index.producer(value)?.node;
    if (node === undefined || behind.has(node)) continue;
    behind.add(node);
    open.push(...node.inputs);
  }
  const found = new Set<Node>();
  const next = entries.flatMap((value) => index.consumers(value));
  for (let node = next.pop(); node !== undefined; node = next.pop()) {
    if (found.has(node) || !behind.has(node)) continue;
    found.add(node);
    next.push(...node.outputs.flatMap((value) => index.consumers(value)));
  }
  return [...found];
}
