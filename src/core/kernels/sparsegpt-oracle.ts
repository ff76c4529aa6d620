import { encode, findGridsOracle } from './rtn-oracle.ts';
import { inverseFactor } from './gptq-oracle.ts';
import { factorWithDamping, orderedWeight } from './gptq-problem.ts';
import { prunedOf } from './select.ts';
import {
  sparseGptProblem,
  type SparseGptOptions,
  type SparseGptProblem,
  type SparseGptResult,
} from './sparsegpt-problem.ts';
import type { GivenGrids } from './sweep-grids.ts';
import { maxCode, type UniformOptions } from './uniform.ts';

/**
 * SparseGPT as the paper and the reference implementation write it (inverse Hessian, its upper Cholesky factor U,
 * column by column), in float64. Oracle of `sparseGpt`, which never forms the inverse.
 */
export function sparseGptOracle(
  weight: Float32Array,
  rows: number,
  columns: number,
  h: Float32Array,
  options: SparseGptOptions,
): SparseGptResult {
  const problem = sparseGptProblem(weight, h, rows, columns, options);
  let u: Float64Array = new Float64Array(0);
  const damping = factorWithDamping(problem, options, (addend) => {
    const factored = inverseFactor(h, problem, addend);
    if (typeof factored === 'number') return factored;
    u = factored;
    return -1;
  });
  const sweep = new OracleSweep(orderedWeight(weight, problem), problem, u, options.grid);
  for (let first = 0; first < columns; first += problem.blockSize)
    sweep.block(first, Math.min(columns, first + problem.blockSize));
  return sweep.result(damping);
}

class OracleSweep {
  readonly #w: Float64Array;
  readonly #values: Float32Array;
  readonly #codes: Uint8Array;
  readonly #keep: Uint8Array;
  readonly #grids: GivenGrids;

  constructor(
    w: Float32Array,
    private readonly problem: SparseGptProblem,
    private readonly u: Float64Array,
    private readonly grid: UniformOptions | undefined,
  ) {
    const { rows, columns } = problem;
    const groups = problem.grid?.groups ?? 0;
    this.#w = Float64Array.from(w);
    this.#values = new Float32Array(rows * columns);
    this.#codes = new Uint8Array(rows * columns);
    this.#keep = new Uint8Array(rows * columns);
    this.#grids = problem.grid?.grids ?? {
      scales: new Float32Array(rows * groups),
      zeros: new Uint8Array(rows * groups),
    };
  }

  block(first: number, end: number): void {
    const { rows, columns, pattern } = this.problem;
    this.#findGrids(first, end);
    if (typeof pattern === 'number') this.#chooseBlock(first, end, pattern);
    const errors = new Float64Array(end - first);
    for (let r = 0; r < rows; r++) {
      const w = this.#w.subarray(r * columns, (r + 1) * columns);
      for (let j = first; j < end; j++) {
        if (typeof pattern !== 'number' && (j - first) % pattern.m === 0)
          this.#chooseGroup(r, j, pattern.n, pattern.m);
        const error = (w[j] - this.#settle(r, j, w[j])) / this.u[j * columns + j];
        for (let k = j; k < end; k++) w[k] -= error * this.u[j * columns + k];
        errors[j - first] = error;
      }
      for (let j = first; j < end; j++)
        for (let k = end; k < columns; k++) w[k] -= errors[j - first] * this.u[j * columns + k];
    }
  }

  result(damping: number): SparseGptResult {
    const [values, keep] = [this.#values, this.#keep];
    if (this.grid === undefined) return { values, keep, damping };
    return { values, keep, damping, codes: this.#codes, grids: this.#grids };
  }

  /** Of equals the earlier of the order strip, column, row goes first, as the strips lie in memory. */
  #chooseBlock(first: number, end: number, sparsity: number): void {
    const { rows, columns } = this.problem;
    const entries: { at: number; score: number; order: number }[] = [];
    for (let r = 0; r < rows; r++)
      for (let j = first; j < end; j++) {
        const order = (Math.floor(r / 16) * columns + j) * 16 + (r % 16);
        entries.push({ at: r * columns + j, score: this.#score(r, j), order });
      }
    entries.sort((a, b) => a.score - b.score || a.order - b.order);
    for (const { at } of entries.slice(prunedOf(entries.length, sparsity))) this.#keep[at] = 1;
  }

  /** Of equals the later column stays. */
  #chooseGroup(row: number, first: number, n: number, m: number): void {
    const columns = Array.from({ length: m }, (_, t) => first + t);
    columns.sort((a, b) => this.#score(row, b) - this.#score(row, a) || b - a);
    for (const j of columns.slice(0, n)) this.#keep[row * this.problem.columns + j] = 1;
  }

  #score(row: number, j: number): number {
    const { columns } = this.problem;
    return (this.#w[row * columns + j] / this.u[j * columns + j]) ** 2;
  }

  #settle(row: number, j: number, value: number): number {
    const at = row * this.problem.columns + j;
    const kept = this.#keep[at] === 1 ? value : 0;
    return (this.#values[at] = this.#rounded(row, j, Math.fround(kept)));
  }

  #rounded(row: number, j: number, value: number): number {
    const { columns, grid: problem } = this.problem;
    if (this.grid === undefined || problem === undefined) return value;
    const at = row * problem.groups + problem.groupOf[j];
    const [scale, zero] = [this.#grids.scales[at], this.#grids.zeros[at]];
    const { range, bits } = this.grid;
    const code = encode(value, { scale, zero }, range, maxCode(bits));
    this.#codes[row * columns + j] = code;
    return scale * (code - zero);
  }

  #findGrids(first: number, end: number): void {
    const { grid: problem, rows, columns } = this.problem;
    if (this.grid === undefined || problem === undefined || problem.grids !== undefined) return;
    const { groupSize, groups } = problem;
    for (let c = Math.ceil(first / groupSize) * groupSize; c < end; c += groupSize) {
      const width = Math.min(groupSize, columns - c);
      const slice = new Float32Array(rows * width);
      for (let r = 0; r < rows; r++)
        slice.set(this.#w.subarray(r * columns + c, r * columns + c + width), r * width);
      const found = findGridsOracle(slice, rows, width, { ...this.grid, groupSize: width });
      for (let r = 0; r < rows; r++) {
        this.#grids.scales[r * groups + c / groupSize] = found.scales[r];
        this.#grids.zeros[r * groups + c / groupSize] = found.zeros[r];
      }
    }
  }
}
