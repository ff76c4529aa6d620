import { DataType } from '../tensor/data-type.ts';
import { rememberLocation } from './proto/external.ts';
import type { Model, Tensor } from './types.ts';
import type { Part } from './wire/output.ts';

export interface ExternalizeOptions {
  /** Path of the first data file relative to the model's folder; further ones get `_1`, `_2`, … */
  readonly path: string;
  /** Smaller tensors stay in the model. Default 1024. */
  readonly minimumBytes?: number;
  /** Largest data file. Default just under 1 GiB: browsers fail on larger ones. */
  readonly shardBytes?: number;
}

export interface ExternalFile {
  readonly path: string;
  readonly byteLength: number;
  readonly parts: readonly Part[];
}

const DEFAULT_MINIMUM = 1024;
const DEFAULT_SHARD = 2 ** 30 - 2 ** 20;
/** Large tensors start on a page so that runtimes can map them; small ones only stay aligned for SIMD. */
const PAGE = 4096;
const PAGE_ALIGNED_FROM = 1 << 20;
const SMALL_ALIGNMENT = 64;

class Shard {
  byteLength = 0;
  readonly parts: Part[] = [];
  constructor(readonly path: string) {}

  startOf(byteLength: number): number {
    const alignment = byteLength >= PAGE_ALIGNED_FROM ? PAGE : SMALL_ALIGNMENT;
    return Math.ceil(this.byteLength / alignment) * alignment;
  }

  add({ data }: Tensor): number {
    const offset = this.startOf(data.byteLength);
    if (offset > this.byteLength) this.parts.push(new Uint8Array(offset - this.byteLength));
    this.parts.push(data);
    this.byteLength = offset + data.byteLength;
    return offset;
  }
}

/** A small tensor does not stay behind in the old data file. */
function inline(tensor: Tensor): Tensor {
  return tensor.external ? { ...tensor, external: undefined } : tensor;
}

/**
 * Moves the graph's initializers of at least `minimumBytes` into data files of at most `shardBytes`
 * (a larger tensor gets a file of its own). Nothing is read: files come as parts. Tensors that lie in
 * external files already are moved as well, so the result does not depend on the old files.
 */
export function externalize(
  model: Model,
  options: ExternalizeOptions,
): { model: Model; files: readonly ExternalFile[] } {
  const { path, minimumBytes = DEFAULT_MINIMUM, shardBytes = DEFAULT_SHARD } = options;
  const shards: Shard[] = [];
  const shardFor = (byteLength: number): Shard => {
    const last = shards.at(-1);
    if (last && last.startOf(byteLength) + byteLength <= shardBytes) return last;
    const next = new Shard(shards.length === 0 ? path : `${path}_${shards.length}`);
    shards.push(next);
    return next;
  };
  const initializers = model.graph.initializers.map((tensor) => {
    const small = tensor.data.byteLength < Math.max(minimumBytes, 1);
    if (small || tensor.dataType === DataType.string) return inline(tensor);
    const shard = shardFor(tensor.data.byteLength);
    const external = {
      path: shard.path,
      offset: shard.add(tensor),
      length: tensor.data.byteLength,
    };
    rememberLocation(external, tensor.data);
    return { ...tensor, external };
  });
  const files = shards.map(({ path: file, byteLength, parts }) => ({
    path: file,
    byteLength,
    parts,
  }));
  return { model: { ...model, graph: { ...model.graph, initializers } }, files };
}
