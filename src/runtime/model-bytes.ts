import type { Graph, Model } from '../core/onnx/types.ts';
import { externalize, joinParts, writeModel } from '../core/onnx/write.ts';

/** A file that lies beside the graph and holds weights. */
export interface ExternalFile {
  readonly path: string;
  readonly data: Uint8Array;
}

export interface ModelBytes {
  readonly bytes: Uint8Array;
  readonly external: readonly ExternalFile[];
}

/** Inline weights cost 2.8× their bytes of WASM heap, external ones 1.1×; below this it does not matter. */
const INLINE_UP_TO = 32 * 2 ** 20;
/** Many small shards keep the copy that is alive beside the heap small. */
const SHARD_BYTES = 128 * 2 ** 20;

/** The model as onnxruntime takes it: one file, or a graph with its weights in shards beside it. */
export async function modelBytes(model: Model, inlineUpTo = INLINE_UP_TO): Promise<ModelBytes> {
  if (weightBytes(model.graph) <= inlineUpTo) {
    return { bytes: await writeModel(inlined(model)), external: [] };
  }
  const moved = externalize(model, { path: 'weights', shardBytes: SHARD_BYTES });
  const external: ExternalFile[] = [];
  for (const file of moved.files) external.push({ path: file.path, data: await joinParts(file) });
  return { bytes: await writeModel(moved.model), external };
}

/** A session has no folder to look into: weights that lie in other files come into this one. */
function inlined(model: Model): Model {
  const { initializers } = model.graph;
  if (initializers.every((tensor) => tensor.external === undefined)) return model;
  const inside = initializers.map((tensor) =>
    tensor.external === undefined ? tensor : { ...tensor, external: undefined },
  );
  return { ...model, graph: { ...model.graph, initializers: inside } };
}

function weightBytes(graph: Graph): number {
  return graph.initializers.reduce((sum, tensor) => sum + tensor.data.byteLength, 0);
}
