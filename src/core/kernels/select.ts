import { LatheError } from '../errors/lathe-error.ts';
import { binOfRank, RankSelect } from './rank-select.ts';

/** What share of the weights goes: a fraction, or "keep the n largest of every m columns". */
export type Pattern = number | { readonly n: number; readonly m: number };

/**
 * Exact rank search over any number of tensors without sorting: |w| as float32 bits is monotone, so
 * two histograms (upper 15 bits, then the lower 16 bits of the one bin that holds the rank) give the
 * exact value. Feed all tensors to `coarse`, call `narrow`, feed them again to `fine`, read `threshold`.
 */
export class MagnitudeSearch {
  #upper = new Float64Array(1 << 15);
  #lower = new Float64Array(1 << 16);
  #total = 0;
  #bin = -1;
  #rank = 0;

  /** First pass: counts the upper halves of |values|. */
  coarse(values: Float32Array): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    const upper = this.#upper;
    for (let i = 0; i < words.length; i++) upper[(words[i] >>> 16) & 0x7fff]++;
    this.#total += words.length;
  }

  /** Between the passes: finds the bin of rank ⌊total · sparsity⌋ (0-based, at most the last one). */
  narrow(sparsity: number): void {
    const rank = Math.min(this.#total - 1, Math.trunc(this.#total * sparsity));
    [this.#bin, this.#rank] = binOfRank(this.#upper, rank);
  }

  /** Second pass: counts the lower halves of the values in that bin. */
  fine(values: Float32Array): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    const lower = this.#lower;
    const bin = this.#bin;
    for (let i = 0; i < words.length; i++) {
      const word = words[i];
      if (((word >>> 16) & 0x7fff) === bin) lower[word & 0xffff]++;
    }
  }

  /** The magnitude of that rank: everything ≤ it is pruned. */
  threshold(): number {
    const [low] = binOfRank(this.#lower, this.#rank);
    return new Float32Array(new Uint32Array([this.#bin * 65536 + low]).buffer)[0];
  }
}

/**
 * The magnitude t such that pruning |w| ≤ t removes the share `sparsity`: the value of 0-based rank
 * ⌊n · sparsity⌋ of all |w| together, as the reference takes it from its sorted list. A sparsity of 0
 * gives −1: nothing is pruned.
 */
export function magnitudeThreshold(tensors: readonly Float32Array[], sparsity: number): number {
  requireSparsity(sparsity);
  if (sparsity === 0) return -1;
  const search = new MagnitudeSearch();
  for (const values of tensors) search.coarse(values);
  search.narrow(sparsity);
  for (const values of tensors) search.fine(values);
  return search.threshold();
}

/** Mask of the values with |w| > threshold: 1 keep, 0 prune. */
export function keepAbove(values: Float32Array, threshold: number): Uint8Array {
  const keep = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) keep[i] = Math.abs(values[i]) > threshold ? 1 : 0;
  return keep;
}

/**
 * Magnitude pruning of W [rows, columns] (Han et al. 2015): 1 keep, 0 prune. Unstructured: one
 * threshold for the whole matrix, |w| ≤ t pruned (ties too, as the reference does). N:M: the n largest
 * of every m columns stay; of equals the later column stays.
 */
export function pruneMagnitude(
  values: Float32Array,
  rows: number,
  columns: number,
  pattern: Pattern,
): Uint8Array {
  if (typeof pattern === 'number') return keepAbove(values, magnitudeThreshold([values], pattern));
  return keepNofM(rows, columns, pattern, (r, metric) => {
    for (let c = 0; c < columns; c++) metric[c] = Math.abs(values[r * columns + c]);
  });
}

/**
 * Wanda (Sun et al. 2023, arXiv 2306.11695): metric |W_ij|·‖X_j‖₂, ranked within each output row.
 * Unstructured: the ⌊columns · sparsity⌋ smallest of every row go, equals in column order (a stable
 * sort); N:M as in {@link pruneMagnitude}. `channelNorms` [columns]. Returns 1 keep, 0 prune.
 */
export function pruneWanda(
  values: Float32Array,
  rows: number,
  columns: number,
  channelNorms: Float32Array,
  pattern: Pattern,
): Uint8Array {
  const fill = (r: number, metric: Float32Array): void => {
    const at = r * columns;
    for (let c = 0; c < columns; c++) metric[c] = Math.abs(values[at + c]) * channelNorms[c];
  };
  if (typeof pattern !== 'number') return keepNofM(rows, columns, pattern, fill);
  requireSparsity(pattern);
  return keepPerRow(rows, columns, Math.trunc(columns * pattern), fill);
}

/** How many weights {@link pruneWanda} keeps. */
export function wandaKeeps(rows: number, columns: number, pattern: Pattern): number {
  if (typeof pattern !== 'number') return (rows * columns * pattern.n) / pattern.m;
  return rows * (columns - Math.trunc(columns * pattern));
}

/**
 * How many of `total` weights with a common threshold go: those up to and with the one of rank ⌊total·sparsity⌋, as the
 * references have it.
 */
export function prunedOf(total: number, sparsity: number): number {
  return sparsity === 0 ? 0 : Math.min(total, Math.trunc(total * sparsity) + 1);
}

type FillMetric = (row: number, metric: Float32Array) => void;

function keepPerRow(rows: number, columns: number, count: number, fill: FillMetric): Uint8Array {
  const keep = new Uint8Array(rows * columns).fill(1);
  if (count === 0) return keep;
  const metric = new Float32Array(columns);
  const words = new Uint32Array(metric.buffer);
  const select = new RankSelect(columns);
  for (let r = 0; r < rows; r++) {
    fill(r, metric);
    const limit = select.find(words, count - 1);
    keepRow(words, limit, count - select.below, keep.subarray(r * columns, (r + 1) * columns));
  }
  return keep;
}

/** Keeps what is above the limit, and of what equals it all but the first `ties`. */
function keepRow(words: Uint32Array, limit: number, ties: number, row: Uint8Array): void {
  let equal = 0;
  for (let c = 0; c < row.length; c++) {
    row[c] = Number(words[c] > limit);
    equal += Number(words[c] === limit);
  }
  for (let c = row.length - 1, kept = equal - ties; kept > 0; c--)
    if (words[c] === limit) {
      row[c] = 1;
      kept--;
    }
}

/** N:M as in {@link pruneMagnitude}, into `keep`. */
export function keepLargestOfEach(
  values: Float32Array,
  rows: number,
  columns: number,
  pattern: { readonly n: number; readonly m: number },
  keep: Uint8Array = new Uint8Array(rows * columns),
): Uint8Array {
  const fill: FillMetric = (r, metric) => {
    for (let c = 0; c < columns; c++) metric[c] = Math.abs(values[r * columns + c]);
  };
  return keepNofM(rows, columns, pattern, fill, keep.fill(0));
}

function keepNofM(
  rows: number,
  columns: number,
  pattern: { readonly n: number; readonly m: number },
  fill: FillMetric,
  keep: Uint8Array = new Uint8Array(rows * columns),
): Uint8Array {
  const { n, m } = pattern;
  requirePattern(columns, n, m);
  const metric = new Float32Array(columns);
  for (let r = 0; r < rows; r++) {
    fill(r, metric);
    for (let start = 0; start < columns; start += m)
      keepLargest(metric, start, n, m, keep, r * columns);
  }
  return keep;
}

/** Keeps element i when fewer than n others rank above it (larger, or equal and later). */
function keepLargest(
  metric: Float32Array,
  start: number,
  n: number,
  m: number,
  keep: Uint8Array,
  row: number,
): void {
  for (let i = start; i < start + m; i++) {
    const value = metric[i];
    let above = 0;
    for (let j = start; j < i; j++) if (metric[j] > value) above++;
    for (let j = i + 1; j < start + m; j++) if (metric[j] >= value) above++;
    if (above < n) keep[row + i] = 1;
  }
}

/** Throws `sparsity-out-of-range`. */
export function requireSparsity(sparsity: number): void {
  if (sparsity >= 0 && sparsity <= 1) return;
  throw new LatheError(
    'sparsity-out-of-range',
    `A sparsity of ${sparsity} is not a share between 0 and 1: give the fraction of weights to remove, for example 0.5.`,
  );
}

/** Throws `pattern-invalid`, `pattern-does-not-fit`. */
export function requirePattern(columns: number, n: number, m: number): void {
  if (!(Number.isInteger(n) && Number.isInteger(m) && n > 0 && n <= m))
    throw new LatheError(
      'pattern-invalid',
      `The pattern ${n}:${m} keeps ${n} of ${m} weights, which is impossible: use 1 ≤ n ≤ m, for example 2:4.`,
    );
  if (columns % m !== 0)
    throw new LatheError(
      'pattern-does-not-fit',
      `A row of ${columns} weights cannot be cut into groups of ${m}: choose an m that divides ${columns}, or leave this layer out.`,
    );
}
