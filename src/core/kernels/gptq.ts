import { throwIfCancelled } from '../errors/lathe-error.ts';
import { gptqOracle } from './gptq-oracle.ts';
import type { GptqHooks, GptqOptions, GptqResult } from './gptq-problem.ts';

export type { GptqHooks, GptqOptions, GptqResult } from './gptq-problem.ts';

/**
 * GPTQ (Frantar et al. 2022, arXiv 2210.17323): quantizes W [rows, columns] column by column and
 * moves each column's error onto the columns not yet quantized, so that ‖(W − Ŵ)Xᵀ‖² stays small.
 * `h` is XᵀX times any positive factor, [columns, columns].
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
  return gptqOracle(weight, rows, columns, h, options);
}
