import { throwIfCancelled } from '../errors/lathe-error.ts';
import { gptqOracle } from './gptq-oracle.ts';
import { gptqProblem, type GptqHooks, type GptqOptions, type GptqResult } from './gptq-problem.ts';
import { GptqSolver } from './gptq-solver.ts';
import { kernels } from './load.ts';

export type { GptqHooks, GptqOptions, GptqResult } from './gptq-problem.ts';

/**
 * GPTQ (Frantar et al. 2022, arXiv 2210.17323): quantizes W [rows, columns] column by column and
 * moves each column's error onto the columns not yet quantized, so that ‖(W − Ŵ)Xᵀ‖² stays small.
 * `h` is XᵀX times any positive factor, [columns, columns]; columns never active (H_jj = 0) are set
 * to 0, as the reference does. When H cannot be factored with the asked damping, damping grows
 * tenfold up to 10 and the value used is returned. Neither input is changed.
 * Throws `hessian-not-positive-definite`, `weight-not-finite`, `cancelled`.
 *
 * WHY the inverse Hessian is never formed: with H = R·Rᵀ (R upper) the paper's U is R⁻¹, and the
 * input of a block B of columns is W_B + E_{<B}·R_{<B,B}·R_BB⁻¹ with E = W − Ŵ. Only blocks are
 * inverted: d³/3 operations instead of 4d³/3.
 */
export function gptq(
  weight: Float32Array,
  rows: number,
  columns: number,
  h: Float32Array,
  options: GptqOptions,
  hooks: GptqHooks = {},
): GptqResult {
  throwIfCancelled(hooks.signal);
  const wasm = kernels();
  if (wasm === undefined) return gptqOracle(weight, rows, columns, h, options);
  const problem = gptqProblem(weight, h, rows, columns, options);
  return wasm.arena.scope(() => {
    const solver = new GptqSolver(wasm, problem, options, hooks);
    const damping = solver.factor(h);
    solver.load(weight);
    solver.sweep();
    return solver.result(damping);
  });
}
