import { buildGpt2, type Gpt2Config } from '../fixtures/layouts/gpt2.ts';
import { makeNode, makeValueInfo } from '../../src/core/onnx/graph/make.ts';
import { renameInNode } from '../../src/core/onnx/graph/values.ts';
import type { Graph, Model, Tensor } from '../../src/core/onnx/types.ts';
import { memoryData } from '../../src/core/onnx/tensor-data.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import type { Value } from '../../src/core/tensor/values.ts';
import { longs } from './run-model.ts';

export interface MergedOptions {
  /** Around the If, as Optimum leaves them, or a whole set in each branch. */
  readonly weights: 'outside' | 'inside';
  /** Puts the name of the branch in front of what is inside it; else both use the same names. */
  readonly apart?: boolean;
  /** The branch with the cache has other values in the up projection of its first block. */
  readonly differing?: boolean;
}

const GPT2: Gpt2Config = { linear: 'gemm', norm: 'operator', head: 'copy', opset: 17 };
export const MERGED_LAYERS = { blocks: 3, heads: 4, headSize: 4, vocabulary: 40, wide: 48 };

/** The decoder that starts, and the one that goes on from its cache. */
export function decoderPair(): readonly [first: Model, cached: Model] {
  const models = [{ present: true }, { past: true }].map((own) => buildGpt2({ ...GPT2, ...own }));
  const [first, cached] = models.map((model) => scoresFirst(model));
  return [first, cached];
}

/** GPT-2 as `decoder_model_merged.onnx`: one If on `use_cache_branch`, the cached decoder its then-branch. */
export function mergedDecoder({ weights, apart, differing }: MergedOptions): Model {
  const [first, cached] = decoderPair();
  const other = differing ? withOtherWeight(cached) : cached;
  const shared = weights === 'outside' ? sharedInitializers(first.graph, other.graph) : [];
  const body = (model: Model, branch: string): Graph =>
    branchBody(model.graph, shared, apart ? `${branch}/` : '');
  const outputs = first.graph.outputs.map(({ name }) => name);
  const node = makeNode('If', ['use_cache_branch'], outputs, {
    then_branch: body(other, 'then'),
    else_branch: body(first, 'else'),
  });
  const use = makeValueInfo('use_cache_branch', DataType.bool, [1]);
  const graph: Graph = {
    name: 'merged',
    nodes: [node],
    initializers: shared,
    inputs: [...other.graph.inputs, use],
    outputs: other.graph.outputs,
    valueInfo: [],
  };
  return { ...other, graph };
}

/** Optimum names the scores before the new keys and values. */
function scoresFirst(model: Model): Model {
  const { outputs } = model.graph;
  const sorted = [...outputs].sort(
    (a, b) => Number(b.name === 'logits') - Number(a.name === 'logits'),
  );
  return { ...model, graph: { ...model.graph, outputs: sorted } };
}

/** Those that both have under one name with the same bytes. */
function sharedInitializers(a: Graph, b: Graph): Tensor[] {
  const bytes = ({ data }: Tensor) => data.readSync?.().join();
  return a.initializers.filter((tensor) =>
    b.initializers.some((other) => other.name === tensor.name && bytes(other) === bytes(tensor)),
  );
}

function branchBody(graph: Graph, shared: readonly Tensor[], prefix: string): Graph {
  const outside = new Set([...graph.inputs, ...shared].map(({ name }) => name));
  const own = [
    ...graph.initializers.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ].filter((name) => !outside.has(name));
  const renames = new Map(own.map((name) => [name, prefix + name]));
  const renamed = <T extends { readonly name: string }>(item: T): T => ({
    ...item,
    name: renames.get(item.name) ?? item.name,
  });
  return {
    name: `${prefix}branch`,
    nodes: graph.nodes.map((node) => renameInNode(node, renames)),
    initializers: graph.initializers.filter(({ name }) => !outside.has(name)).map(renamed),
    inputs: [],
    outputs: graph.outputs.map(renamed),
    valueInfo: [],
  };
}

function withOtherWeight(model: Model): Model {
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.name !== 'transformer.h.0.mlp.c_fc.weight') return tensor;
    const bytes = tensor.data.readSync?.().slice() ?? new Uint8Array();
    new Float32Array(bytes.buffer)[0] += 1;
    return { ...tensor, data: memoryData(bytes) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

/** What is fed for a text that starts: no cache, the switch off. */
export function startFeeds(ids: readonly number[]): Record<string, Value> {
  return { ...feedsOf(ids, () => undefined), ...switchOf(false) };
}

/** What is fed for tokens behind those that a run left its keys and values of. */
export function cachedFeeds(
  ids: readonly number[],
  left: ReadonlyMap<string, Value>,
): Record<string, Value> {
  return { ...feedsOf(ids, (name) => left.get(name)), ...switchOf(true) };
}

function feedsOf(
  ids: readonly number[],
  past: (present: string) => Value | undefined,
): Record<string, Value> {
  const { blocks, heads, headSize } = MERGED_LAYERS;
  const empty: Value = {
    dataType: DataType.float32,
    dims: [1, heads, 0, headSize],
    data: new Float32Array(0),
  };
  const pairs = Array.from({ length: blocks }, (_, i) => ['key', 'value'].map((part) => [i, part]));
  const caches = pairs.flat().map(([i, part]): [string, Value] => {
    return [`past_key_values.${i}.${part}`, past(`present.${i}.${part}`) ?? empty];
  });
  return { input_ids: longs([1, ids.length], ids), ...Object.fromEntries(caches) };
}

function switchOf(on: boolean): Record<string, Value> {
  const data = Uint8Array.of(Number(on));
  return { use_cache_branch: { dataType: DataType.bool, dims: [1], data } };
}
