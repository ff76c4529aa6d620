import { storedWeights } from '../encodings/index.ts';
import { overCodes } from './over-codes.ts';
import { takeBranch } from '../onnx/branches/take-branch.ts';
import type { Model } from '../onnx/types.ts';
import type { Recognised } from './facts.ts';
import { groupBy } from './group.ts';
import { collectLayers } from './layers.ts';
import { list } from './notes.ts';
import { modelDims } from './shapes.ts';
import type { Block, Layer, Twin } from './types.ts';
import { viewGraph } from './view.ts';

/**
 * The anatomy of a merged decoder whose branches lie unfolded in its graph: that of the branch without a
 * cache, since it is the model itself, run from the start. The same maps in the other branch are the
 * layers' twins; what only the other branch holds is said in the notes.
 */
export function recogniseMerged(model: Model, recognise: (model: Model) => Recognised): Recognised {
  const main = takeBranch(model);
  const { anatomy: found, pairs } = recognise(main);
  const others = layersOnlyIn(takeBranch(model, 'cached'), found.layers);
  const { layers, left } = withTwins(found.layers, others);
  const notes = [MERGED, ...found.notes, ...leftNotes(left)];
  const blocks = inWholeGraph(found.blocks, main, model);
  return { anatomy: { ...found, layers, blocks, notes }, pairs };
}

const MERGED =
  'The model holds two branches, one that starts and one that goes on from a cache; layers and blocks are counted once, and what is done to a weight that both read holds in both.';

/** Layers of a branch whose nodes the main branch does not have. */
function layersOnlyIn(branch: Model, main: readonly Layer[]): readonly Layer[] {
  const known = new Set(main.map(({ output }) => output));
  const codes = storedWeights(branch);
  const view = viewGraph(overCodes(branch.graph, codes));
  const { layers } = collectLayers(view, modelDims(branch), codes);
  return layers.filter(({ output }) => !known.has(output));
}

/**
 * Each of `others` goes to the layer that reads the same weight in the same way, the first to the first
 * where a weight is used several times; `left` are those that read weights of their own.
 */
function withTwins(
  layers: readonly Layer[],
  others: readonly Layer[],
): { readonly layers: readonly Layer[]; readonly left: readonly Layer[] } {
  const byWeight = groupBy(layers, ({ weight }) => weight);
  const twins = new Map<Layer, Twin[]>();
  const left: Layer[] = [];
  for (const [weight, uses] of groupBy(others, (other) => other.weight)) {
    const readers = byWeight.get(weight) ?? [];
    uses.forEach((use) => {
      const fitting = readers.filter((layer) => isSameMap(layer, use));
      const earlier = uses.slice(0, uses.indexOf(use)).filter((other) => other.op === use.op);
      const layer = fitting[earlier.length % Math.max(1, fitting.length)];
      if (layer === undefined) left.push(use);
      else twins.set(layer, [...(twins.get(layer) ?? []), twinOf(use)]);
    });
  }
  return {
    layers: layers.map((layer) => {
      const own = twins.get(layer);
      return own ? { ...layer, twins: own } : layer;
    }),
    left,
  };
}

/** One may be a Gemm where the other is a MatMul; a look-up is not a product. */
function isSameMap(a: Layer, b: Layer): boolean {
  const alike = (a.op === 'Gather') === (b.op === 'Gather');
  return alike && a.outFeatures === b.outFeatures && a.inFeatures === b.inFeatures;
}

function twinOf({ output, op, input }: Layer): Twin {
  return { output, op, input };
}

/** Block nodes are counted in the branch; nodes of a branch are the same objects in the whole graph. */
function inWholeGraph(blocks: readonly Block[], branch: Model, model: Model): readonly Block[] {
  const place = new Map(model.graph.nodes.map((node, index) => [node, index]));
  return blocks.map((block) => ({
    ...block,
    nodes: block.nodes.flatMap((index) => place.get(branch.graph.nodes[index]) ?? []),
  }));
}

function leftNotes(left: readonly Layer[]): string[] {
  if (left.length === 0) return [];
  const names = list([...new Set(left.map(({ weight }) => weight))]);
  return [
    `Not a layer, because only the branch with the cache reads it, under other values than the branch without: ${names}.`,
  ];
}
