import { throwIfCancelled } from '../errors/lathe-error.ts';
import { gptqOracle } from './gptq-oracle.ts';
import {
  gptqProblem,
  type GptqHooks,
  type GptqOptions,
  type GptqProblem,
  type GptqResult,
} from './gptq-problem.ts';
import { GptqSolver } from './gptq-solver.ts';
import { kernels } from './load.ts';
import { refine } from './refine.ts';
import { valuesOnGrid } from './sweep-grids.ts';
import { middleCode } from './uniform.ts';

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
  const problem = gptqProblem(weight, h, rows, columns, options);
  if (wasm === undefined) {
    const swept = gptqOracle(weight, rows, columns, h, options);
    return refined(weight, problem, h, swept, options, hooks);
  }
  const [first, then] = sharedProgress(hooks, options.refine === undefined ? 1 : SWEEP_SHARE);
  const swept = wasm.arena.scope(() => {
    const solver = new GptqSolver(wasm, problem, options, first);
    const damping = solver.factor(h);
    solver.load(weight);
    solver.sweep();
    return solver.result(damping);
  });
  return refined(weight, problem, h, swept, options, then);
}

/** Share of the progress that the sweep takes where its result is refined. */
const SWEEP_SHARE = 0.3;

function sharedProgress({ signal, progress }: GptqHooks, share: number): [GptqHooks, GptqHooks] {
  const stop = signal && { signal };
  return [
    { ...stop, progress: (f) => progress?.(share * f) },
    { ...stop, progress: (f) => progress?.(share + (1 - share) * f) },
  ];
}

/** Codes and grids after coordinate descent on what the sweep found. */
function refined(
  weight: Float32Array,
  problem: GptqProblem,
  h: Float32Array,
  swept: GptqResult,
  options: GptqOptions,
  hooks: GptqHooks,
): GptqResult {
  if (options.refine === undefined || swept.groupIndex !== undefined) return swept;
  const { rows, columns } = problem;
  const { rounds, levels } = options.refine;
  const zeros = swept.zeros ?? new Uint8Array(swept.scales.length).fill(middleCode(options.bits));
  const found = { codes: swept.codes, scales: swept.scales, zeros };
  const { damping } = swept;
  const better = refine(weight, rows, columns, h, found, { ...levels, rounds, damping }, hooks);
  const { codes, scales } = better;
  const quantized = valuesOnGrid(codes, better, problem);
  return { ...swept, codes, scales, quantized, ...(swept.zeros && { zeros: better.zeros }) };
}
