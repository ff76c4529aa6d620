import type { Pattern } from '../../../kernels/select.ts';

/** What is known of a layer's input columns j. */
export interface Columns {
  /** ‖X_j‖₂ times any factor. */
  readonly norms: Float32Array;
  /** Σ X_j over as many rows as the threshold is meant for. */
  readonly sums: Float32Array;
  readonly variances: Float32Array;
  /** How many rows the sums are over. */
  readonly tokens: number;
}

export interface SwapOptions {
  readonly pattern: Pattern;
  /** The most swaps of a row. */
  readonly swaps: number;
  /** |error| at or below which a row is left alone. */
  readonly threshold: number;
  /** Stop before the row's error changes its sign. */
  readonly sameSign: boolean;
  /** Only swaps that lower the expected square (ε/tokens)² + Σ_pruned W_j²·Var X_j, columns taken as independent. */
  readonly guarded: boolean;
}

const { fround } = Math;

/**
 * Swaps of DSnoT (Zhang et al. 2023, algorithm 1) on a mask [rows, columns] (1 keep), which is changed; returns how
 * many. A row's error is ε = Σ_pruned W_j·ΣX_j. While |ε| is above the threshold, the pruned weight comes back that
 * lowers |ε| most for its variance, ΔW_j = W_j·ΣX_j/Var X_j, and of those whose loss brings ε towards zero the kept weight
 * of smallest |W_j|·‖X_j‖ goes; with N:M, the smallest of the same group.
 */
export function swapWeights(
  values: Float32Array,
  keep: Uint8Array,
  columns: Columns,
  options: SwapOptions,
): number {
  const width = columns.norms.length;
  let swapped = 0;
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    swapped += swapRow(new Row(row, keep.subarray(start, start + width), columns), options);
  }
  return swapped;
}

function swapRow(row: Row, options: SwapOptions): number {
  const { pattern, swaps, threshold, sameSign, guarded } = options;
  const group = typeof pattern === 'number' ? undefined : pattern.m;
  const leave = group === undefined ? row.leaving() : undefined;
  const sign = Math.sign(row.error);
  let swapped = 0;
  for (let tried = 0; tried < swaps; tried++) {
    const back = row.nextBack();
    const gone = group === undefined ? leave?.(row.error) : row.smallestOf(back, group);
    if (back === undefined || gone === undefined || Math.abs(row.error) <= threshold) break;
    const after = fround(fround(row.error + row.part[gone]) - row.part[back]);
    if ((sameSign || group !== undefined) && Math.sign(after) !== sign) break;
    if (guarded && row.gain(back, gone) <= 0) continue;
    row.swap(back, gone);
    swapped++;
  }
  return swapped;
}

/** One output's weights while they change places. */
class Row {
  /** W_j·ΣX_j: what pruning weight j adds to the error. */
  readonly part: Float32Array;
  error = 0;
  /** W_j²·Var X_j: what pruning weight j adds to the error's variance. */
  readonly #spread: Float32Array;
  readonly #score: Float32Array;
  readonly #moved: Uint8Array;
  /** Pruned weights by falling need to come back where the error is negative, and the other way round. */
  readonly #order: readonly number[];
  readonly #tokens: number;
  #left = 0;
  #right: number;

  constructor(
    w: Float32Array,
    private readonly keep: Uint8Array,
    { norms, sums, variances, tokens }: Columns,
  ) {
    this.#tokens = tokens;
    this.#spread = w.map((value, j) => value * value * variances[j]);
    this.part = w.map((value, j) => value * sums[j]);
    this.#score = w.map((value, j) => Math.abs(value) * norms[j]);
    this.#moved = new Uint8Array(w.length);
    const need = this.part.map((part, j) => (keep[j] === 1 ? 0 : part / variances[j]));
    this.part.forEach((part, j) => {
      if (keep[j] === 0) this.error = fround(this.error + part);
    });
    this.#order = Array.from(need.keys()).sort((a, b) => need[a] - need[b] || a - b);
    this.#right = w.length - 1;
  }

  /** The pruned weight whose return helps most; undefined when there is none left on its side. */
  nextBack(): number | undefined {
    const j = this.error > 0 ? this.#order[this.#right--] : this.#order[this.#left++];
    return j !== undefined && this.keep[j] === 0 && this.#moved[j] === 0 ? j : undefined;
  }

  /** Kept weights by rising score: those with a part above zero for a negative error, below zero for others. */
  leaving(): (error: number) => number | undefined {
    const kept = Array.from(this.part.keys()).filter((j) => this.keep[j] === 1);
    kept.sort((a, b) => this.#score[a] - this.#score[b] || a - b);
    const above = kept.filter((j) => this.part[j] > 0).values();
    const below = kept.filter((j) => this.part[j] < 0).values();
    return (error) => (error < 0 ? above : below).next().value;
  }

  /** The kept weight of smallest score in the group of `j`. */
  smallestOf(j: number | undefined, m: number): number | undefined {
    if (j === undefined) return undefined;
    const first = j - (j % m);
    let best: number | undefined;
    for (let t = first; t < first + m; t++) {
      if (this.keep[t] === 0 || this.#moved[t] === 1) continue;
      if (best === undefined || this.#score[t] < this.#score[best]) best = t;
    }
    return best;
  }

  /** By how much the expected square of the error falls. */
  gain(back: number, gone: number): number {
    const after = (this.error + this.part[gone] - this.part[back]) / this.#tokens;
    const before = this.error / this.#tokens;
    return before ** 2 - after ** 2 + this.#spread[back] - this.#spread[gone];
  }

  swap(back: number, gone: number): void {
    this.keep[back] = 1;
    this.keep[gone] = 0;
    this.#moved[back] = this.#moved[gone] = 1;
    this.error = fround(fround(this.error + this.part[gone]) - this.part[back]);
  }
}
