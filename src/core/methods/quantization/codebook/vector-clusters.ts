import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Random } from '../../../random/random.ts';
import type { MethodContext } from '../../contract.ts';
import { countOf, nearestVector, type Nearest, type Vectors } from './nearest-vector.ts';

/** Vectors that the table is trained on, at most; all of them are seen in the last rounds. */
const TRAINED_ON = 1 << 15;
const ROUNDS = 40;
/** Rounds over all vectors where only some were trained on. */
const LAST_ROUNDS = 2;
/** A round that gains less than this share of the loss is the last. */
const LEAST_GAIN = 1e-4;

type Hooks = Pick<MethodContext, 'signal'> & {
  /** The loss before each round of Lloyd's, none of which raises it. */
  readonly watch?: (loss: number) => void;
};

/**
 * A table [entries, size] with small Σ_v min_c Σ_l h_vl·(x_vl − c_l)²: begun by k-means++ (Arthur & Vassilvitskii 2007), then Lloyd's
 * rounds: each vector to its nearest entry, each entry to the weighted mean of its vectors.
 */
export function vectorClusters(
  vectors: Vectors,
  entries: number,
  random: Random,
  hooks: Hooks = {},
): Float64Array {
  const some = sampled(vectors, TRAINED_ON);
  const table = plusPlus(some, entries, random);
  lloyd(some, table, ROUNDS, hooks);
  if (some !== vectors) lloyd(vectors, table, LAST_ROUNDS, hooks);
  return table;
}

/** Vectors spread evenly over all. */
function sampled(vectors: Vectors, most: number): Vectors {
  const count = countOf(vectors);
  if (count <= most) return vectors;
  const { size, values, weights } = vectors;
  const pick = (all: Float32Array): Float32Array => {
    const out = new Float32Array(most * size);
    for (let i = 0; i < most; i++) {
      const from = Math.floor((i * count) / most) * size;
      out.set(all.subarray(from, from + size), i * size);
    }
    return out;
  };
  return { size, values: pick(values), ...(weights && { weights: pick(weights) }) };
}

/** Entries drawn one by one, each vector in proportion to its distance from those that are there. */
function plusPlus(vectors: Vectors, entries: number, random: Random): Float64Array {
  const { size, values } = vectors;
  const count = countOf(vectors);
  const table = new Float64Array(entries * size);
  const left = new Float64Array(count).fill(Infinity);
  let next = Math.floor(random.next() * count);
  for (let k = 0; k < entries; k++) {
    table.set(values.subarray(next * size, (next + 1) * size), k * size);
    next = drawn(left, nearer(vectors, table.subarray(k * size, (k + 1) * size), left), random);
  }
  return table;
}

/** Lowers the distances to what they are with one more entry; returns their sum. */
function nearer({ size, values, weights }: Vectors, entry: Float64Array, left: Float64Array) {
  let total = 0;
  for (let v = 0, i = 0; v < left.length; v++) {
    let sum = 0;
    for (let l = 0; l < size; l++, i++) {
      const d = values[i] - entry[l];
      sum += (weights ? weights[i] : 1) * d * d;
    }
    if (sum < left[v]) left[v] = sum;
    total += left[v];
  }
  return total;
}

function drawn(left: Float64Array, total: number, random: Random): number {
  let rest = random.next() * total;
  for (let v = 0; v < left.length; v++) {
    rest -= left[v];
    if (rest < 0) return v;
  }
  return left.length - 1;
}

function lloyd(vectors: Vectors, table: Float64Array, rounds: number, hooks: Hooks): void {
  let before = Infinity;
  for (let round = 0; round < rounds; round++) {
    throwIfCancelled(hooks.signal);
    const loss = improve(vectors, table);
    hooks.watch?.(loss);
    if (before - loss <= LEAST_GAIN * loss) return;
    before = loss;
  }
}

/** One round; returns the loss before it. An entry that no vector is nearest to goes to the vector that is farthest from its own. */
function improve(vectors: Vectors, table: Float64Array): number {
  const { size, values, weights } = vectors;
  const nearest = nearestVector(vectors, table);
  const [sums, counts] = [new Float64Array(table.length), new Float64Array(table.length)];
  const used = new Uint8Array(table.length / size);
  let [loss, farthest, most] = [0, 0, -1];
  for (let v = 0; v < countOf(vectors); v++) {
    const entry = nearest(v);
    used[entry] = 1;
    loss += nearest.distance;
    if (nearest.distance > most) [farthest, most] = [v, nearest.distance];
    for (let l = 0; l < size; l++) {
      const h = weights ? weights[v * size + l] : 1;
      sums[entry * size + l] += h * values[v * size + l];
      counts[entry * size + l] += h;
    }
  }
  for (let i = 0; i < table.length; i++) if (counts[i] > 0) table[i] = sums[i] / counts[i];
  const empty = used.indexOf(0);
  if (empty >= 0 && most > 0) {
    table.set(values.subarray(farthest * size, (farthest + 1) * size), empty * size);
  }
  return loss;
}

/** The code of each vector. */
export function nearestCodes(vectors: Vectors, table: Float64Array): Uint8Array {
  const nearest: Nearest = nearestVector(vectors, table);
  return Uint8Array.from({ length: countOf(vectors) }, (_, v) => nearest(v));
}
