import { throwIfCancelled } from '../errors/lathe-error.ts';
import type { GptqHooks } from './gptq-problem.ts';
import { kernels } from './load.ts';
import { sparseGptOracle } from './sparsegpt-oracle.ts';
import {
  sparseGptProblem,
  type SparseGptOptions,
  type SparseGptResult,
} from './sparsegpt-problem.ts';
import { SparseGptSolver } from './sparsegpt-solver.ts';

export {
  sparseGptKeeps,
  type SparseGptOptions,
  type SparseGptResult,
} from './sparsegpt-problem.ts';

/**
 * SparseGPT (Frantar & Alistarh 2023, arXiv 2301.00774): prunes W [rows, columns] column by column by the score
 * w²/U_jj² (UᵀU = H⁻¹) and moves each column's error onto the columns not yet visited, so that ‖(W − Ŵ)Xᵀ‖² stays small.
 * `h` is XᵀX times any positive factor, [columns, columns]; columns never active (H_jj = 0) become 0. Damping grows as
 * in `gptq`. With a grid, what is kept is rounded in the same sweep. Neither input is changed. Throws
 * `hessian-not-positive-definite`, `weight-not-finite`, `sparsity-out-of-range`, `pattern-does-not-fit`, `cancelled`.
 *
 * WHY the inverse is never formed: as in `gptq`; with H = R·Rᵀ, U_jj = 1/R_jj.
 */
export function sparseGpt(
  weight: Float32Array,
  rows: number,
  columns: number,
  h: Float32Array,
  options: SparseGptOptions,
  hooks: GptqHooks = {},
): SparseGptResult {
  throwIfCancelled(hooks.signal);
  const wasm = kernels();
  if (wasm === undefined) return sparseGptOracle(weight, rows, columns, h, options);
  const problem = sparseGptProblem(weight, h, rows, columns, options);
  return wasm.arena.scope(() =>
    new SparseGptSolver(wasm, problem, options, hooks).solve(weight, h),
  );
}
