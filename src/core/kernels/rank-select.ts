/** Up to so many survivors are partitioned; for more, another pass costs less. */
const FEW = 4096;

/**
 * Exact selection by rank among non-negative floats as words: up to three radix passes, each over the survivors of
 * the last; few survivors by partitioning (Hoare's find).
 */
export class RankSelect {
  /** How many words of the last `find` were smaller than its result. */
  below = 0;
  readonly #counts = new Uint32Array(2048);
  readonly #survivors: Uint32Array;

  constructor(length: number) {
    this.#survivors = new Uint32Array(length);
  }

  /** The word of 0-based `rank` among words below 2^31. */
  find(words: Uint32Array, rank: number): number {
    this.below = 0;
    let count = this.#pass(words, words.length, 21, 1023, rank);
    if (count > FEW) count = this.#pass(this.#survivors, count, 10, 2047, rank - this.below);
    if (count <= FEW) return this.#partition(count, rank - this.below);
    this.#pass(this.#survivors, count, 0, 1023, rank - this.below);
    return this.#survivors[0];
  }

  #partition(count: number, rank: number): number {
    const words = this.#survivors;
    let [from, to] = [0, count - 1];
    while (from < to) {
      const pivot = middleOf(words[from], words[(from + to) >>> 1], words[to]);
      let [i, j] = [from, to];
      while (i <= j) {
        while (words[i] < pivot) i++;
        while (words[j] > pivot) j--;
        if (i > j) break;
        const word = words[i];
        words[i++] = words[j];
        words[j--] = word;
      }
      if (rank <= j) to = j;
      else if (rank >= i) from = i;
      else break;
    }
    const found = words[rank];
    // What was left behind on the left is smaller or equal.
    for (let i = 0; i < rank; i++) this.below += Number(words[i] < found);
    return found;
  }

  #pass(words: Uint32Array, length: number, shift: number, mask: number, rank: number): number {
    const counts = this.#counts.fill(0, 0, mask + 1);
    const survivors = this.#survivors;
    for (let i = 0; i < length; i++) counts[(words[i] >>> shift) & mask]++;
    const [bin, within] = binOfRank(counts, rank);
    this.below += rank - within;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const word = words[i];
      if (((word >>> shift) & mask) === bin) survivors[kept++] = word;
    }
    return kept;
  }
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** Bin that holds the 0-based rank, and the rank within it. */
export function binOfRank(counts: Uint32Array | Float64Array, rank: number): [number, number] {
  let left = rank;
  let bin = 0;
  while (bin < counts.length - 1 && counts[bin] <= left) left -= counts[bin++];
  return [bin, left];
}

/** Where the `count` smallest magnitudes end: those with a smaller word go, and `ties` of those that equal it. */
export interface Smallest {
  /** |w| as float32 bits. */
  readonly limit: number;
  readonly ties: number;
  /** How many equal it. */
  readonly equal: number;
}

/** The limit of the `count` smallest |w|, 1 ≤ count ≤ n, by two histograms: exact, and nothing is sorted or copied. */
export function smallest(values: Float32Array, count: number): Smallest {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Uint32Array(1 << 15);
  for (let i = 0; i < words.length; i++) upper[(words[i] >>> 16) & 0x7fff]++;
  const [bin, rank] = binOfRank(upper, count - 1);
  const lower = new Uint32Array(1 << 16);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (((word >>> 16) & 0x7fff) === bin) lower[word & 0xffff]++;
  }
  const [low, within] = binOfRank(lower, rank);
  return { limit: bin * 65536 + low, ties: within + 1, equal: lower[low] };
}

/** Mask of all but the `count` smallest |w|: 1 keep, 0 prune; of equals the first go. */
export function keepAllBut(
  values: Float32Array,
  count: number,
  keep: Uint8Array = new Uint8Array(values.length),
): Uint8Array {
  if (count === 0) return keep.fill(1);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const { limit, ties, equal } = smallest(values, count);
  for (let i = 0; i < words.length; i++) keep[i] = Number((words[i] & 0x7fffffff) > limit);
  let kept = equal - ties;
  for (let i = words.length - 1; kept > 0; i--)
    if ((words[i] & 0x7fffffff) === limit) {
      keep[i] = 1;
      kept--;
    }
  return keep;
}

/** W where the mask is 1, else 0. WHY words: a product would make zeros with a sign. */
export function keptOnly(values: Float32Array, keep: Uint8Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  const [from, to] = [
    new Uint32Array(values.buffer, values.byteOffset, values.length),
    new Uint32Array(out.buffer),
  ];
  for (let i = 0; i < from.length; i++) to[i] = from[i] & -keep[i];
  return out;
}
