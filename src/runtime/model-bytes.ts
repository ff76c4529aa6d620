import type { Graph, Model } from '../core/onnx/types.ts';
import {
  externalize,
  joinParts,
  writeModel,
  type ExternalFile as DataFile,
} from '../core/onnx/write.ts';

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
/** Smaller tensors stay inline: a file of its own for each would cost more than it saves. */
const OWN_FILE_FROM = 2 ** 20;

/**
 * The model as onnxruntime takes it: one file, or a graph with its large weights beside it, each as a
 * file of its own, because then its bytes go to onnxruntime as they were read and nothing is copied.
 */
export async function modelBytes(model: Model, inlineUpTo = INLINE_UP_TO): Promise<ModelBytes> {
  if (weightBytes(model.graph) <= inlineUpTo) {
    return { bytes: await writeModel(inlined(model)), external: [] };
  }
  const minimumBytes = Math.min(OWN_FILE_FROM, inlineUpTo);
  const moved = externalize(model, { path: 'weights', minimumBytes, shardBytes: 1 });
  const external: ExternalFile[] = [];
  for (const file of moved.files) external.push({ path: file.path, data: await bytesOf(file) });
  return { bytes: await writeModel(moved.model), external };
}

function bytesOf(file: DataFile): Promise<Uint8Array> {
  const [part] = file.parts;
  return file.parts.length > 1 || part instanceof Uint8Array ? joinParts(file) : part.read();
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
