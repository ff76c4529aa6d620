import { LatheError } from '../errors/lathe-error.ts';
import {
  columnProblem,
  gptqProblem,
  type ColumnProblem,
  type GptqProblem,
} from './gptq-problem.ts';
import { prunedOf, requirePattern, requireSparsity, type Pattern } from './select.ts';
import type { GivenGrids } from './sweep-grids.ts';
import type { UniformOptions } from './uniform.ts';

export interface SparseGptOptions {
  /** A share of the weights, or the n of every m columns that stay. */
  readonly pattern: Pattern;
  /** Columns whose mask is chosen together and that are handled between two updates of the rest; 128 in the paper. */
  readonly blockSize?: number;
  /** Share of the mean diagonal of H that is added to the diagonal; 0.01 in the paper. */
  readonly damping?: number;
  /** What is kept is rounded to this grid in the same sweep. */
  readonly grid?: UniformOptions;
}

export interface SparseGptResult {
  /** Ŵ [rows, columns]. */
  readonly values: Float32Array;
  /** 1 keep, 0 pruned, [rows, columns]. */
  readonly keep: Uint8Array;
  /** The damping that was used: larger than asked when H could not be factored with that. */
  readonly damping: number;
  /** With a grid: one code per byte, [rows, columns]; pruned weights have the code of 0. */
  readonly codes?: Uint8Array;
  /** With a grid. */
  readonly grids?: GivenGrids;
}

/** What both solvers start from. */
export interface SparseGptProblem extends ColumnProblem {
  readonly pattern: Pattern;
  readonly grid?: GptqProblem;
}

const BLOCK = 128;

/** Throws `sparsity-out-of-range`, `pattern-invalid`, `pattern-does-not-fit`, `weight-not-finite`. */
export function sparseGptProblem(
  weight: Float32Array,
  h: Float32Array,
  rows: number,
  columns: number,
  options: SparseGptOptions,
): SparseGptProblem {
  const { pattern, blockSize = BLOCK } = options;
  if (typeof pattern === 'number') requireSparsity(pattern);
  else requirePattern(columns, pattern.n, pattern.m);
  requireFinite(weight);
  const m = typeof pattern === 'number' ? 1 : pattern.m;
  // A group of N:M lies in one block.
  const block = { blockSize: Math.max(m, blockSize - (blockSize % m)) };
  const { grid } = options;
  return {
    ...columnProblem(h, rows, columns, block),
    pattern,
    ...(grid && { grid: gptqProblem(weight, h, rows, columns, { ...grid, ...block }) }),
  };
}

/** How many weights SparseGPT keeps: known from the shape, each block of columns prunes {@link prunedOf} its own. */
export function sparseGptKeeps(
  rows: number,
  columns: number,
  pattern: Pattern,
  blockSize = BLOCK,
): number {
  if (typeof pattern !== 'number') return (rows * columns * pattern.n) / pattern.m;
  let keeps = 0;
  for (let first = 0; first < columns; first += blockSize) {
    const total = rows * Math.min(blockSize, columns - first);
    keeps += total - prunedOf(total, pattern);
  }
  return keeps;
}

/** Throws `weight-not-finite`. */
export function requireFinite(weight: Float32Array): void {
  if (weight.every(Number.isFinite)) return;
  throw new LatheError(
    'weight-not-finite',
    'This weight holds a value that is not a finite number, so what pruning does to the output cannot be computed: repair or re-export the model, or leave this layer out.',
  );
}
