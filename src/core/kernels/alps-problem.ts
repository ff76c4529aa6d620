import { factorWithDamping } from './gptq-problem.ts';
import type { Pattern } from './select.ts';

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

/** What both solvers start from. */
export interface AlpsShape {
  readonly rows: number;
  readonly columns: number;
  /** Weights that stay. */
  readonly keeps: number;
}

/** s_j = √H_jj of the damped H: what W is multiplied by where H has a unit diagonal. */
export interface AlpsScale {
  readonly scale: Float64Array;
  readonly damping: number;
}

/**
 * The scale with damping that grows until G = H/(s·sᵀ), with a diagonal of 1, can be factored: `pivotOf` gives −1 then.
 * Throws `hessian-not-positive-definite`.
 */
export function alpsScale(
  h: Float32Array,
  columns: number,
  asked: number,
  pivotOf: (scale: Float64Array) => number,
): AlpsScale {
  let scale = new Float64Array(columns);
  const problem = { columns, meanDiagonal: meanDiagonal(h, columns) };
  const damping = factorWithDamping(problem, { damping: asked }, (addend) => {
    scale = Float64Array.from({ length: columns }, (_, j) => {
      return Math.sqrt(h[j * columns + j] + addend);
    });
    return pivotOf(scale);
  });
  return { scale, damping };
}

/** Of columns that are never active, 1: as the other solvers have it. */
function meanDiagonal(h: Float32Array, columns: number): number {
  let sum = 0;
  for (let j = 0; j < columns; j++) sum += h[j * columns + j] === 0 ? 1 : h[j * columns + j];
  return sum / columns;
}

/** Steps between two looks at how much the support moves, and the step from which little movement ends it. */
export const UPDATE = 3;
const SETTLED = 30;
const MOST_RHO = 1e6;

/**
 * The penalty ρ of ADMM, as the authors' code raises it: by how much the support moved between two looks. While it does
 * not move yet, ρ was too large to begin with.
 */
export class Penalty {
  rho = 0.1;
  #moves = false;

  constructor(private readonly keeps: number) {}

  /** What follows when `moved` entries entered or left the support by this step. */
  look(moved: number, step: number): 'go on' | 'begin again' | 'end' {
    const share = moved / this.keeps;
    if (share > 0.005) {
      this.#moves = true;
      this.rho *= share > 0.1 ? 1.3 : 1.2;
    } else if (this.#moves) {
      if (moved === 0) return 'end';
      this.rho *= 1.1;
    } else this.rho /= 5;
    this.rho = Math.min(this.rho, MOST_RHO);
    if (step > SETTLED && share < 0.0003) return 'end';
    return share <= 0.005 && !this.#moves && moved > 0 ? 'begin again' : 'go on';
  }
}
