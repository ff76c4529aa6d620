import { throwIfCancelled } from '../errors/lathe-error.ts';
import { DataType } from '../tensor/data-type.ts';
import { chunksOf } from './tensor-data.ts';
import type { Model, Tensor, TensorData } from './types.ts';

/** Initializers with the same type, shape and bytes. */
export interface DuplicateGroup {
  /** In graph order; all but the first can go. */
  readonly names: readonly string[];
  /** Bytes of one copy. */
  readonly bytes: number;
}

/** Two matrices A [m, n] and B [n, m] with B = Aᵀ, bit by bit. */
export interface TransposedPair {
  /** In graph order; each stands for its group of exact duplicates. */
  readonly names: readonly [string, string];
  readonly bytes: number;
}

export interface Duplicates {
  readonly exact: readonly DuplicateGroup[];
  readonly transposed: readonly TransposedPair[];
}

const CHUNK = 1 << 22;
const ELEMENT_BYTES: Readonly<Record<number, 2 | 4 | 8>> = {
  [DataType.float32]: 4,
  [DataType.float16]: 2,
  [DataType.bfloat16]: 2,
  [DataType.float64]: 8,
};

/**
 * Finds initializers that are stored twice: equal ones, and 2-D float ones that are each other's
 * transpose. Candidates are found by type, shape and hash, then compared byte by byte, so a hash
 * collision never makes two tensors equal. Throws `tensor-planned` where a candidate has no bytes yet. At most one pair of tensors is in memory at a time.
 */
export async function findDuplicates(model: Model, signal?: AbortSignal): Promise<Duplicates> {
  const { initializers } = model.graph;
  const known = found.get(initializers) ?? search(model, signal);
  found.set(initializers, known);
  // A search that was cancelled or failed must not answer for the next one.
  known.catch(() => found.delete(initializers));
  return known;
}

/** Reading and hashing every weight takes a while, and every option of a step asks again. */
const found = new WeakMap<readonly Tensor[], Promise<Duplicates>>();

async function search(model: Model, signal?: AbortSignal): Promise<Duplicates> {
  const tensors = model.graph.initializers.filter(({ data }) => data.byteLength > 0);
  const groups = await exactGroups(tensors, signal);
  const exact = groups
    .filter((group) => group.length > 1)
    .map((group) => ({ names: group.map(({ name }) => name), bytes: group[0].data.byteLength }));
  const transposed = await transposedPairs(
    groups.map(([first]) => first),
    signal,
  );
  return { exact, transposed };
}

type Group = readonly [Tensor, ...Tensor[]];

async function exactGroups(tensors: readonly Tensor[], signal?: AbortSignal): Promise<Group[]> {
  const groups: [Tensor, ...Tensor[]][] = [];
  for (const alike of bucket(tensors, ({ dataType, dims }) => `${dataType}:${dims.join()}`)) {
    const hashes = new Map<Tensor, string>();
    for (const tensor of alike.length > 1 ? alike : []) {
      throwIfCancelled(signal);
      hashes.set(tensor, await hash(tensor.data, orderedHash));
    }
    const found: [Tensor, ...Tensor[]][] = [];
    for (const tensor of alike) {
      const same = await firstWhere(
        found.filter(([first]) => hashes.get(first) === hashes.get(tensor)),
        ([first]) => equalBytes(first.data, tensor.data),
      );
      if (same) same.push(tensor);
      else found.push([tensor]);
    }
    groups.push(...found);
  }
  const order = new Map(tensors.map((tensor, index) => [tensor, index]));
  return groups.sort(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

async function transposedPairs(
  tensors: readonly Tensor[],
  signal?: AbortSignal,
): Promise<TransposedPair[]> {
  const matrices = tensors.filter(
    ({ dataType, dims }) => dataType in ELEMENT_BYTES && dims.length === 2 && Math.min(...dims) > 1,
  );
  const pairs: TransposedPair[] = [];
  const key = ({ dataType, dims }: Tensor) =>
    `${dataType}:${[...dims].sort((a, b) => a - b).join()}`;
  for (const alike of bucket(matrices, key)) {
    const hashes = new Map<Tensor, string>();
    for (const [i, b] of alike.entries()) {
      const partners = alike.slice(0, i).filter((a) => a.dims[0] === b.dims[1]);
      for (const tensor of partners.length > 0 ? [...partners, b] : []) {
        throwIfCancelled(signal);
        if (!hashes.has(tensor)) hashes.set(tensor, await hash(tensor.data, unorderedHash(tensor)));
      }
      const likely = partners.filter((a) => hashes.get(a) === hashes.get(b));
      const a = await firstWhere(likely, (candidate) => isTranspose(candidate, b));
      if (a) pairs.push({ names: [a.name, b.name], bytes: a.data.byteLength });
    }
  }
  return pairs;
}

function bucket(tensors: readonly Tensor[], key: (tensor: Tensor) => string): Tensor[][] {
  const buckets = new Map<string, Tensor[]>();
  for (const tensor of tensors) {
    const list = buckets.get(key(tensor));
    if (list) list.push(tensor);
    else buckets.set(key(tensor), [tensor]);
  }
  return [...buckets.values()];
}

async function firstWhere<T>(
  items: readonly T[],
  test: (item: T) => Promise<boolean>,
): Promise<T | undefined> {
  for (const item of items) if (await test(item)) return item;
  return undefined;
}

type Hash = (chunk: Uint8Array, state: readonly [number, number]) => readonly [number, number];

async function hash(data: TensorData, step: Hash): Promise<string> {
  let state: readonly [number, number] = [0x811c9dc5, 0x9747b28c];
  for await (const chunk of chunksOf(data, CHUNK)) state = step(chunk, state);
  return state.join();
}

/** Two 32-bit lanes over the bytes in order (FNV-1a and a multiplicative mix). */
function orderedHash(chunk: Uint8Array, [a, b]: readonly [number, number]): [number, number] {
  for (const byte of chunk) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b + byte, 0x85ebca6b) ^ (b >>> 13);
  }
  return [a, b];
}

/** A sum of mixed elements: the same for any order of them, so equal for a matrix and its transpose. */
function unorderedHash({ dataType }: Tensor): Hash {
  const size = ELEMENT_BYTES[dataType];
  return (chunk, [first, second]) => {
    let [a, b] = [first, second];
    for (const element of elements(chunk, size)) {
      const mixed = Math.imul(element ^ (element >>> 15), 0x2c1b3c6d);
      a = (a + mixed) | 0;
      b = (b + Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)) | 0;
    }
    return [a, b];
  };
}

/** Elements as integers; a float64 is two of them, which any transpose keeps as well. */
function elements(bytes: Uint8Array, size: 2 | 4 | 8): Uint16Array | Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  return size === 2
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint32Array(buffer, byteOffset, byteLength / 4);
}

async function equalBytes(a: TensorData, b: TensorData): Promise<boolean> {
  if (a === b) return true;
  for (let offset = 0; offset < a.byteLength; offset += CHUNK) {
    const length = Math.min(CHUNK, a.byteLength - offset);
    const [x, y] = await Promise.all([a.read(offset, length), b.read(offset, length)]);
    if (x.some((byte, i) => byte !== y[i])) return false;
  }
  return true;
}

async function isTranspose(a: Tensor, b: Tensor): Promise<boolean> {
  const size = ELEMENT_BYTES[a.dataType];
  const [x, y] = (await Promise.all([a.data.read(), b.data.read()])).map((all) =>
    elements(all, size),
  );
  const [rows, columns] = a.dims;
  const words = size === 8 ? 2 : 1;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const [from, to] = [(i * columns + j) * words, (j * rows + i) * words];
      if (x[from] !== y[to] || (words === 2 && x[from + 1] !== y[to + 1])) return false;
    }
  }
  return true;
}
