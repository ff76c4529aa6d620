import { throwIfCancelled } from '../errors/lathe-error.ts';
import { alpsProblem, type AlpsProblem } from './alps-problem.ts';
import { Alps } from './alps-solver.ts';
import type { GptqHooks } from './gptq-problem.ts';
import { kernels } from './load.ts';
import { requirePattern, requireSparsity, type Pattern } from './select.ts';
import { requireFinite } from './sparsegpt-problem.ts';
import { ArenaSpdSolver, OracleSpdSolver, type SpdSolver } from './spd-solver.ts';

export interface AlpsOptions {
  /** A share of all weights of the matrix, or the n of every m columns that stay. */
  readonly pattern: Pattern;
  /** Share of the mean diagonal of H that is added to the diagonal; 0.01 in the paper. */
  readonly damping?: number;
  /** The most steps of ADMM; 300 in the paper. */
  readonly steps?: number;
  /** Steps of conjugate gradients on the support that was found; 10 in the paper. */
  readonly refinements?: number;
}

export interface AlpsResult {
  /** Ŵ [rows, columns]. */
  readonly values: Float32Array;
  /** 1 keep, 0 pruned, [rows, columns]. */
  readonly keep: Uint8Array;
  /** Steps of ADMM that were made. */
  readonly steps: number;
  /** The damping that was used: larger than asked when H could not be factored with that. */
  readonly damping: number;
}

/** How many weights ALPS keeps. */
export function alpsKeeps(rows: number, columns: number, pattern: Pattern): number {
  const total = rows * columns;
  return typeof pattern === 'number'
    ? Math.round((1 - pattern) * total)
    : (total * pattern.n) / pattern.m;
}

/**
 * ALPS (Meng et al. 2024, arXiv 2406.07831): min ‖(W − Ŵ)Xᵀ‖² over Ŵ with few non-zeros. With the second moments scaled
 * to a unit diagonal, G, and B₀ the scaled weight, ADMM alternates B = (Y − V + ρD)(G + ρI)⁻¹ with Y = B₀·G,
 * D = the largest entries of B + V/ρ, V += ρ(B − D), and raises ρ by how much the support still moves; then conjugate
 * gradients solve for the weights on the support. `h` is XᵀX times any positive factor. Neither input is changed.
 * Throws `hessian-not-positive-definite`, `weight-not-finite`, `sparsity-out-of-range`, `pattern-does-not-fit`, `cancelled`.
 */
export function alps(
  weight: Float32Array,
  rows: number,
  columns: number,
  h: Float32Array,
  options: AlpsOptions,
  hooks: GptqHooks = {},
): AlpsResult {
  const { pattern, damping = 0.01 } = options;
  throwIfCancelled(hooks.signal);
  if (typeof pattern === 'number') requireSparsity(pattern);
  else requirePattern(columns, pattern.n, pattern.m);
  requireFinite(weight);
  const shape = { rows, columns, keeps: alpsKeeps(rows, columns, pattern) };
  if (shape.keeps === 0 || shape.keeps === weight.length)
    return trivial(weight, shape.keeps, damping);
  const wasm = kernels();
  const run = (solverOf: (g: Float32Array) => SpdSolver): AlpsResult => {
    let solver: SpdSolver | undefined;
    const problem: AlpsProblem = alpsProblem(h, columns, damping, (g) => {
      solver ??= solverOf(g);
      return solver.factor(0) < 0;
    });
    if (solver === undefined) throw new Error('A problem is factored before it is solved.');
    return {
      ...new Alps(weight, shape, problem, solver, options, hooks).solve(),
      damping: problem.damping,
    };
  };
  if (wasm === undefined) return run((g) => new OracleSpdSolver(g, columns));
  return wasm.arena.scope(() =>
    run((g) => new ArenaSpdSolver(wasm, g, columns, rows, hooks.signal)),
  );
}

function trivial(weight: Float32Array, keeps: number, damping: number): AlpsResult {
  const keep = new Uint8Array(weight.length).fill(keeps === 0 ? 0 : 1);
  return { values: weight.map((value, i) => value * keep[i]), keep, steps: 0, damping };
}
