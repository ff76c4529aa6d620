import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import { gemm } from '../../../kernels/gemm.ts';
import {
  columnProblem,
  factorWithDamping,
  type ColumnProblem,
  type GptqHooks,
} from '../../../kernels/gptq-problem.ts';
import { cholesky } from '../../../linalg/cholesky.ts';
import { NestedCode, type Objective } from './nested-code.ts';
import { position } from './nested-grid.ts';

/** A weight [rows, columns] with one scale per group of columns and second moments H = XᵀX of its input. */
export interface SweepProblem {
  readonly weight: Float32Array;
  readonly rows: number;
  readonly columns: number;
  readonly h: Float32Array;
  readonly groupSize: number;
  readonly scales: Float32Array;
  readonly damping: number;
}

/** Columns between two products with all errors so far. */
const BLOCK = 64;

/**
 * Codes of the parent that keep Σ_n λ_n·‖(W − Ŵ_n)Xᵀ‖² small, Ŵ_n what their top n bits stand for. Column by column as
 * GPTQ, but each width carries its own errors: with H = R·Rᵀ, R upper, and E_n = W − Ŵ_n of the columns before, width n
 * would like u_n = w_j + Σ_{i<j} E_n,i·R_ij / R_jj, and the code is the nearest to all u_n at once. (MatGPTQ, arXiv
 * 2602.03537, hands on the mean of the errors, so that every width pays for the others'.) Blocks of most active columns
 * first. Throws `hessian-not-positive-definite`, `cancelled`.
 */
export function nestedSweep(
  problem: SweepProblem,
  goal: Objective,
  hooks: GptqHooks = {},
): { readonly codes: Uint8Array; readonly damping: number } {
  const { h, rows, columns, groupSize, damping } = problem;
  const blockSize = BLOCK;
  const sweep = columnProblem(h, rows, columns, { order: 'blocks', groupSize, blockSize });
  let r: Float32Array = new Float32Array(0);
  const used = factorWithDamping(sweep, { damping }, (addend) => {
    const factored = upperFactor(h, sweep, addend);
    if (typeof factored === 'number') return factored;
    r = factored;
    return -1;
  });
  const state = new Sweep(problem, sweep, goal, r);
  for (let from = 0; from < columns; from += sweep.blockSize) {
    throwIfCancelled(hooks.signal);
    state.block(from, Math.min(columns, from + sweep.blockSize));
    hooks.progress?.(Math.min(1, (from + sweep.blockSize) / columns));
  }
  return { codes: state.codes, damping: used };
}

class Sweep {
  readonly codes: Uint8Array;
  readonly #code: NestedCode;
  /** (W − Ŵ_n)ᵀ [columns, rows] of each width, in the order of the sweep. */
  readonly #errors: readonly Float32Array[];

  constructor(
    readonly problem: SweepProblem,
    readonly sweep: ColumnProblem,
    readonly goal: Objective,
    readonly r: Float32Array,
  ) {
    const { rows, columns } = problem;
    this.codes = new Uint8Array(rows * columns);
    this.#code = new NestedCode(goal);
    this.#errors = goal.widths.map(() => new Float32Array(rows * columns));
  }

  block(from: number, end: number): void {
    const { rows } = this.problem;
    const width = end - from;
    const above = this.#above(from, end);
    const moved = this.#errors.map((errors) =>
      gemm(width, rows, from, above, errors.subarray(0, from * rows), { transposeA: true }),
    );
    for (let j = from; j < end; j++) this.#column(j, from, moved);
  }

  /** R of the columns before a block and of the block: [from, end − from]. */
  #above(from: number, end: number): Float32Array {
    const { columns } = this.problem;
    const above = new Float32Array(from * (end - from));
    for (let i = 0; i < from; i++)
      above.set(this.r.subarray(i * columns + from, i * columns + end), i * (end - from));
    return above;
  }

  /** Σ_{i<j} E_i·R_ij, to which the block's own columns are added, then the codes of column j. */
  #column(j: number, from: number, moved: readonly Float32Array[]): void {
    const { rows, columns } = this.problem;
    const sums = moved.map((sum) => sum.subarray((j - from) * rows, (j - from + 1) * rows));
    this.#errors.forEach((errors, k) => {
      const sum = sums[k];
      for (let i = from; i < j; i++) {
        const factor = this.r[i * columns + j];
        const own = errors.subarray(i * rows, (i + 1) * rows);
        for (let row = 0; row < rows; row++) sum[row] += factor * own[row];
      }
    });
    for (let row = 0; row < rows; row++) this.#round(row, j, sums);
  }

  #round(row: number, j: number, sums: readonly Float32Array[]): void {
    const { weight, rows, columns, scales, groupSize } = this.problem;
    const { parent, widths } = this.goal;
    const column = this.sweep.order[j];
    const w = weight[row * columns + column];
    const groups = Math.ceil(columns / groupSize);
    const scale = scales[row * groups + Math.floor(column / groupSize)];
    const pivot = this.r[j * columns + j];
    const { at } = this.#code;
    for (let k = 0; k < at.length; k++) at[k] = position(w + sums[k][row] / pivot, scale, parent);
    const code = this.#code.find();
    this.codes[row * columns + column] = code;
    for (let k = 0; k < at.length; k++) {
      const count = 2 ** widths[k];
      const value = (2 * (code >> (parent - widths[k])) + 1 - count) / count;
      this.#errors[k][j * rows + row] = w - scale * value;
    }
  }
}

/** Upper R with R·Rᵀ = H of the ordered, damped H, or the pivot at which there is none. */
function upperFactor(
  h: Float32Array,
  { columns: n, order, dead }: ColumnProblem,
  addend: number,
): Float32Array | number {
  // R is the lower factor of the reversed matrix, reversed.
  const reversed = new Float32Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) reversed[i * n + j] = h[order[n - 1 - i] * n + order[n - 1 - j]];
  for (let i = 0; i < n; i++)
    reversed[i * n + i] += (dead[order[n - 1 - i]] === 1 ? 1 : 0) + addend;
  try {
    return cholesky(reversed, n).reverse();
  } catch (error) {
    if (error instanceof LatheError && error.code === 'not-positive-definite') return 0;
    throw error;
  }
}
