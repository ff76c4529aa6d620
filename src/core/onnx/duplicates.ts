import { throwIfCancelled } from '../errors/lathe-error.ts';
import { DataType } from '../tensor/data-type.ts';
import { diagonalOf, middleOf, samplesOf } from './fingerprints.ts';
import { equalBytes, isTranspose } from './same-bytes.ts';
import type { Model, Tensor } from './types.ts';

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

const ELEMENT_BYTES: Readonly<Record<number, 2 | 4 | 8>> = {
  [DataType.float32]: 4,
  [DataType.float16]: 2,
  [DataType.bfloat16]: 2,
  [DataType.float64]: 8,
};

/**
 * Finds initializers that are stored twice: equal ones, and 2-D float ones that are each other's
 * transpose. Candidates are found by type, shape and a few KB of each, then compared byte by byte, so equal
 * samples never make two tensors equal and what has no twin is hardly read. Throws `tensor-planned` where a candidate has no bytes yet. At most one pair of tensors is in memory at a time.
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
type Key = (tensor: Tensor) => Promise<string>;

async function exactGroups(tensors: readonly Tensor[], signal?: AbortSignal): Promise<Group[]> {
  const groups: Group[] = [];
  for (const alike of bucket(tensors, ({ dataType, dims }) => `${dataType}:${dims.join()}`)) {
    for (const likely of await sifted(alike, [middleOf, samplesOf], signal)) {
      groups.push(...(await equalGroups(likely, signal)));
    }
  }
  const order = new Map(tensors.map((tensor, index) => [tensor, index]));
  return groups.sort(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

/** Parts of which the members agree in all keys; whoever is alone is not asked for the next key. */
async function sifted(
  tensors: readonly Tensor[],
  [key, ...finer]: readonly Key[],
  signal?: AbortSignal,
): Promise<(readonly Tensor[])[]> {
  if (tensors.length < 2 || key === undefined) return [tensors];
  const keys = new Map<Tensor, string>();
  for (const tensor of tensors) {
    throwIfCancelled(signal);
    keys.set(tensor, await key(tensor));
  }
  const parts: (readonly Tensor[])[] = [];
  for (const part of bucket(tensors, (tensor) => keys.get(tensor) ?? '')) {
    parts.push(...(await sifted(part, finer, signal)));
  }
  return parts;
}

async function equalGroups(tensors: readonly Tensor[], signal?: AbortSignal): Promise<Group[]> {
  const found: [Tensor, ...Tensor[]][] = [];
  for (const tensor of tensors) {
    throwIfCancelled(signal);
    const same = await firstWhere(found, ([first]) => equalBytes(first.data, tensor.data));
    if (same) same.push(tensor);
    else found.push([tensor]);
  }
  return found;
}

async function transposedPairs(
  tensors: readonly Tensor[],
  signal?: AbortSignal,
): Promise<TransposedPair[]> {
  const matrices = tensors.filter(
    ({ dataType, dims }) => dataType in ELEMENT_BYTES && dims.length === 2 && Math.min(...dims) > 1,
  );
  const pairs: TransposedPair[] = [];
  for (const alike of bucket(matrices, sides)) {
    // Without a partner of the turned shape there is nothing to read.
    if (!alike.some((a, i) => alike.some((b, j) => i !== j && a.dims[0] === b.dims[1]))) continue;
    const diagonal: Key = (tensor) => diagonalOf(tensor, ELEMENT_BYTES[tensor.dataType]);
    const found: TransposedPair[] = [];
    for (const likely of await sifted(alike, [diagonal], signal)) {
      found.push(...(await pairsIn(likely, signal)));
    }
    const place = ({ names }: TransposedPair) => alike.findIndex(({ name }) => name === names[1]);
    pairs.push(...found.sort((a, b) => place(a) - place(b)));
  }
  return pairs;
}

/** Type and shape, whichever way round. */
function sides({ dataType, dims }: Tensor): string {
  return `${dataType}:${[...dims].sort((a, b) => a - b).join()}`;
}

async function pairsIn(
  tensors: readonly Tensor[],
  signal: AbortSignal | undefined,
): Promise<TransposedPair[]> {
  const pairs: TransposedPair[] = [];
  for (const [i, b] of tensors.entries()) {
    throwIfCancelled(signal);
    const partners = tensors.slice(0, i).filter((a) => a.dims[0] === b.dims[1]);
    const a = await firstWhere(partners, (candidate) =>
      isTranspose(candidate, b, ELEMENT_BYTES[b.dataType]),
    );
    if (a) pairs.push({ names: [a.name, b.name], bytes: a.data.byteLength });
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
