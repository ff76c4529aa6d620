import { throwIfCancelled } from '../errors/lathe-error.ts';
import { alpsOracle } from './alps-oracle.ts';
import type { AlpsOptions, AlpsResult } from './alps-problem.ts';
import { AlpsSolver } from './alps-solver.ts';
import type { GptqHooks } from './gptq-problem.ts';
import { kernels } from './load.ts';
import { requirePattern, requireSparsity, type Pattern } from './select.ts';
import { requireFinite } from './sparsegpt-problem.ts';

export type { AlpsOptions, AlpsResult } from './alps-problem.ts';

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
  if (wasm === undefined) return alpsOracle(weight, h, shape, options);
  return wasm.arena.scope(() => new AlpsSolver(wasm, weight, h, shape, options, hooks).solve());
}

function trivial(weight: Float32Array, keeps: number, damping: number): AlpsResult {
  const keep = new Uint8Array(weight.length).fill(keeps === 0 ? 0 : 1);
  return { values: weight.map((value, i) => value * keep[i]), keep, steps: 0, damping };
}
