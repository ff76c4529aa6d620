import type { Layer } from '../../../anatomy/types.ts';
import type { KeyValueGroup } from '../../../cuts/key-value-heads.ts';
import { FIXED, repeated } from '../../../cuts/labels.ts';
import type { Mixing } from '../../../cuts/pool.ts';
import { placeOf } from '../../../encodings/index.ts';
import { inputOf } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { Ground } from '../../contract.ts';
import { requireSeen } from '../../require-seen.ts';
import { readWeight } from '../../weight.ts';
import { meta } from './meta.ts';
import { shares } from './shares.ts';

/**
 * M_h = (Σ_s A_s)⁻¹·A_h over the heads s of a set, by which Ŵ = Σ_h M_h·W_h is the least of Σ_h tr(ΔW_h·H·ΔW_hᵀ·A_h),
 * ΔW_h = W_h − Ŵ. For keys A_h = Σ W_Q·H·W_Qᵀ over the queries of head h: the squared change of the scores, queries and keys
 * taken as independent and rotations left out. For values A_h = Σ W_Oᵀ·W_O: the squared change of what the head adds to
 * the stream. H = XᵀX of what is projected falls out of the solution. Throws `statistics-missing`.
 */
export async function mixingOf(
  ground: Ground,
  group: KeyValueGroup,
  times: number,
  seen: Seen,
): Promise<Mixing> {
  const along = await queryMoments(ground, group, seen);
  const out = await outputProducts(ground, group);
  const found = { key: shares(along, times), value: shares(out, times) };
  return (part, head) => found[part][head];
}

/** The layers that make a group's queries: of what they read, second moments are needed. */
export function queryLayers({ model, anatomy }: Ground, group: KeyValueGroup): readonly Layer[] {
  const { query } = group.parts;
  return anatomy.layers.filter((layer) => {
    const place = placeOf(model, layer);
    return layer.op !== 'Gather' && place !== undefined && query.has(place.weight.name);
  });
}

/** Σ over a head's queries of W_Q·H·W_Qᵀ [size, size], for each head of keys. */
async function queryMoments(ground: Ground, group: KeyValueGroup, seen: Seen) {
  const [layer] = queryLayers(ground, group);
  if (layer === undefined) return [];
  const weight = await readWeight(ground.model, layer);
  const moments = requireSeen(seen, 'moments', weight, meta);
  const tensor = placeOf(ground.model, layer)?.weight.name ?? '';
  const labels = group.parts.query.get(tensor)?.labels ?? new Int32Array([FIXED]);
  const owner = repeated(labels, layer.outFeatures);
  const size = sizeOf(group, ground);
  return headsOf(owner, group.members, size).map((heads) =>
    sumOf(size, heads, (rows) => quadratic(weight.values, layer.inFeatures, rows, moments.values)),
  );
}

/** Σ over a head's queries of W_Oᵀ·W_O [size, size], for each head of values. */
async function outputProducts(ground: Ground, group: KeyValueGroup) {
  const { layer, values } = await readWeight(ground.model, group.readers[0]);
  const size = sizeOf(group, ground);
  return headsOf(group.columns, group.members, size).map((heads) =>
    sumOf(size, heads, (columns) => columnProducts(values, layer, columns)),
  );
}

/** Entries of one query. */
function sizeOf(group: KeyValueGroup, { anatomy }: Ground): number {
  const [{ block, stack, inFeatures }] = group.readers;
  const own = anatomy.blocks.find((one) => one.index === block && one.stack === stack);
  return inFeatures / (own?.heads ?? group.members);
}

/** Of each member, the indices of its queries, `size` at a time. */
function headsOf(owner: Int32Array, members: number, size: number): number[][][] {
  const all = Array.from({ length: members }, (): number[][] => []);
  owner.forEach((member, index) => {
    if (member === FIXED) return;
    const own = all[member];
    if (own.length === 0 || own[own.length - 1].length === size) own.push([]);
    own[own.length - 1].push(index);
  });
  return all;
}

function sumOf(
  size: number,
  heads: readonly (readonly number[])[],
  product: (indices: readonly number[]) => Float64Array,
): Float64Array {
  const sum = new Float64Array(size * size);
  for (const indices of heads) product(indices).forEach((value, i) => (sum[i] += value));
  return sum;
}

/** W_r·H·W_rᵀ over some rows of W [.., n]. */
function quadratic(
  w: Float32Array,
  n: number,
  rows: readonly number[],
  h: Float32Array,
): Float64Array {
  const size = rows.length;
  const through = rows.map((row) => {
    const own = w.subarray(row * n, (row + 1) * n);
    return Float64Array.from({ length: n }, (_, j) => dot(own, h.subarray(j * n, (j + 1) * n)));
  });
  return Float64Array.from({ length: size * size }, (_, i) => {
    const row = rows[i % size];
    return dot(w.subarray(row * n, (row + 1) * n), through[Math.floor(i / size)]);
  });
}

/** W_cᵀ·W_c over some columns of W [out, in]. */
function columnProducts(
  w: Float32Array,
  { outFeatures, inFeatures }: Layer,
  columns: readonly number[],
): Float64Array {
  const size = columns.length;
  const result = new Float64Array(size * size);
  for (let r = 0; r < outFeatures; r++) {
    for (let a = 0; a < size; a++) {
      const value = w[r * inFeatures + columns[a]];
      for (let b = 0; b < size; b++) result[a * size + b] += value * w[r * inFeatures + columns[b]];
    }
  }
  return result;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** What is looked at for the keys of each group. */
export function looksFor(ground: Ground, groups: readonly KeyValueGroup[]) {
  return groups.flatMap((group) =>
    queryLayers(ground, group)
      .slice(0, 1)
      .map((layer) => ({ ...inputOf(layer), take: ['moments' as const] })),
  );
}
