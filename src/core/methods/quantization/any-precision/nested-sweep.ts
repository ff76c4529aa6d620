import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import { gemm } from '../../../kernels/gemm.ts';
import {
  columnProblem,
  factorWithDamping,
  type ColumnProblem,
  type GptqHooks,
} from '../../../kernels/gptq-problem.ts';
import { cholesky } from '../../../linalg/cholesky.ts';
import type { Objective } from './nested-code.ts';
import { NestedErrors, type NestedWeight } from './nested-errors.ts';

/** A weight with the second moments H = XᵀX of its input. */
export interface SweepProblem extends NestedWeight {
  readonly h: Float32Array;
  readonly damping: number;
  /** Rounds in which each column is chosen once more. */
  readonly refine: number;
}

/** Columns between two products with all errors. */
const BLOCK = 64;

/**
 * Codes of the parent that keep Σ_n λ_n·‖(W − Ŵ_n)Xᵀ‖² small, Ŵ_n what their top n bits stand for. Column by column as
 * GPTQ, but each width carries its own errors: with H = R·Rᵀ, R upper, and E_n = W − Ŵ_n of the columns before, width n
 * would like u_n = w_j + Σ_{i<j} E_n,i·R_ij / R_jj, and the code is the nearest to all u_n at once. (MatGPTQ, arXiv
 * 2602.03537, hands on the mean of the errors, so that every width pays for the others'.) Blocks of most active columns
 * first. Then `refine` rounds of coordinate descent, u_n = ŵ_n,j + (E_n·H)_j / H_jj, in which the sum never rises.
 * Throws `hessian-not-positive-definite`, `cancelled`.
 */
export function nestedSweep(
  problem: SweepProblem,
  goal: Objective,
  hooks: GptqHooks = {},
): { readonly codes: Uint8Array; readonly damping: number } {
  const { h, rows, columns, groupSize, damping } = problem;
  const options = { order: 'blocks', groupSize, blockSize: BLOCK } as const;
  const sweep = columnProblem(h, rows, columns, options);
  let [ordered, r] = [h, h];
  const used = factorWithDamping(sweep, { damping }, (addend) => {
    ordered = orderedMoments(h, sweep, addend);
    const factored = upperFactor(ordered, columns);
    if (factored === undefined) return 0;
    r = factored;
    return -1;
  });
  const state = new NestedErrors(problem, goal, sweep.order);
  const all = 1 + problem.refine;
  for (let round = 0; round < all; round++)
    for (let from = 0; from < columns; from += sweep.blockSize) {
      throwIfCancelled(hooks.signal);
      const end = Math.min(columns, from + sweep.blockSize);
      if (round === 0) sweepBlock(state, r, from, end);
      else refineBlock(state, ordered, from, end);
      hooks.progress?.((round + end / columns) / all);
    }
  return { codes: state.codes, damping: used };
}

function sweepBlock(state: NestedErrors, r: Float32Array, from: number, end: number): void {
  const { rows, columns } = state.weight;
  const above = new Float32Array(from * (end - from));
  for (let i = 0; i < from; i++)
    above.set(r.subarray(i * columns + from, i * columns + end), i * (end - from));
  const moved = state.errors.map((errors) =>
    gemm(end - from, rows, from, above, errors.subarray(0, from * rows), { transposeA: true }),
  );
  for (let j = from; j < end; j++) {
    const sums = moved.map((sum) => sum.subarray((j - from) * rows, (j - from + 1) * rows));
    for (let i = from; i < j; i++) state.addErrors(i, r[i * columns + j], sums);
    state.choose(j, sums, r[j * columns + j]);
  }
}

function refineBlock(state: NestedErrors, h: Float32Array, from: number, end: number): void {
  const { rows, columns } = state.weight;
  const own = h.subarray(from * columns, end * columns);
  const gradients = state.errors.map((errors) => gemm(end - from, rows, columns, own, errors));
  for (let j = from; j < end; j++) {
    const at = (i: number) =>
      gradients.map((g) => g.subarray((i - from) * rows, (i - from + 1) * rows));
    const changes = state.chooseAgain(j, at(j), h[j * columns + j]);
    for (let i = j + 1; i < end; i++) {
      const factor = h[i * columns + j];
      at(i).forEach((gradient, k) => addScaled(gradient, factor, changes[k]));
    }
  }
}

function addScaled(to: Float32Array, factor: number, from: Float32Array): void {
  for (let row = 0; row < to.length; row++) to[row] += factor * from[row];
}

/** H in the order of the sweep, damped; columns that were never active count 1. */
function orderedMoments(
  h: Float32Array,
  { columns: n, order, dead }: ColumnProblem,
  addend: number,
): Float32Array {
  const out = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) out[i * n + j] = h[order[i] * n + order[j]];
    out[i * n + i] += (dead[order[i]] === 1 ? 1 : 0) + addend;
  }
  return out;
}

/** Upper R with R·Rᵀ = H; undefined where there is none. Reversed, it is the lower factor of the reversed matrix. */
function upperFactor(h: Float32Array, n: number): Float32Array | undefined {
  try {
    return cholesky(h.slice().reverse(), n).reverse();
  } catch (error) {
    if (error instanceof LatheError && error.code === 'not-positive-definite') return undefined;
    throw error;
  }
}
