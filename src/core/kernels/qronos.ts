import { throwIfCancelled } from '../errors/lathe-error.ts';
import { gemm } from './gemm.ts';
import { gptq } from './gptq.ts';
import { gptqOracle } from './gptq-oracle.ts';
import { gptqProblem, type GptqHooks, type GptqResult } from './gptq-problem.ts';
import { kernels } from './load.ts';
import { targetOracle } from './qronos-oracle.ts';
import { settleFirst, type QronosOptions, type QronosProblem } from './qronos-problem.ts';
import { targetInStrips } from './qronos-target.ts';

export type { QronosOptions } from './qronos-problem.ts';

/** Share of the progress that W* takes. */
const TARGET_SHARE = 0.5;

/**
 * Qronos (Zhang et al. 2025, arXiv 2505.11695): quantizes W [rows, columns] so that ‖WXᵀ − ŴX̃ᵀ‖² stays small, X what
 * the float path feeds the layer and X̃ what the compressed path does. `h` is X̃ᵀX̃ and `g` XᵀX̃, both times the same
 * positive factor, [columns, columns]. λ is `damping` times the mean of diag(H); it grows tenfold up to 10 where H
 * cannot be factored, and the value used is returned. No input is changed.
 * Throws `hessian-not-positive-definite`, `weight-not-finite`, `cancelled`.
 *
 * WHY it is GPTQ of other weights: without rounding the best are W* = W(G + λI)(H + λI)⁻¹ = W + W(G − H)(H + λI)⁻¹, and
 * what rounding a column asks of those behind it does not depend on what was wanted there. The second form loses less
 * in float32, because G − H is small.
 */
export function qronos(
  weight: Float32Array,
  rows: number,
  columns: number,
  h: Float32Array,
  g: Float32Array,
  options: QronosOptions,
  hooks: GptqHooks = {},
): GptqResult {
  const wasm = kernels();
  const problem = problemOf(weight, rows, columns, h, g, options);
  throwIfCancelled(hooks.signal);
  const target =
    wasm === undefined
      ? targetOracle(weight, h, problem, options)
      : targetInStrips(wasm, weight, h, problem, options, hooks.signal);
  settleFirst(target, weight, h, problem, options);
  hooks.progress?.(TARGET_SHARE);
  const { progress, signal } = hooks;
  const rest = {
    ...(signal && { signal }),
    progress: (f: number) => progress?.(TARGET_SHARE + (1 - TARGET_SHARE) * f),
  };
  return gptq(
    target.values,
    rows,
    columns,
    h,
    sweepOptions(options, problem, target.damping),
    rest,
  );
}

/** {@link qronos} in float64 and with the inverse of H, as the paper writes it. */
export function qronosOracle(
  weight: Float32Array,
  rows: number,
  columns: number,
  h: Float32Array,
  g: Float32Array,
  options: QronosOptions,
): GptqResult {
  const problem = problemOf(weight, rows, columns, h, g, options);
  const target = targetOracle(weight, h, problem, options);
  settleFirst(target, weight, h, problem, options);
  const own = sweepOptions(options, problem, target.damping);
  return gptqOracle(target.values, rows, columns, h, own);
}

function problemOf(
  weight: Float32Array,
  rows: number,
  columns: number,
  h: Float32Array,
  g: Float32Array,
  options: QronosOptions,
): QronosProblem {
  const { alpha = 1 } = options;
  const lag = g.map((value, i) => value - h[i]);
  const lacking = gemm(rows, columns, columns, weight, lag, { alpha });
  return { ...gptqProblem(weight, h, rows, columns, options), lacking };
}

/** Grids that are known are those of W, not of W*. */
function sweepOptions(options: QronosOptions, { grids }: QronosProblem, damping: number) {
  return { ...options, damping, ...(grids !== undefined && { grids }) };
}
