import { factorWithDamping } from './gptq-problem.ts';

/** The problem in coordinates in which H has a unit diagonal. */
export interface AlpsProblem {
  /** G_ij = H_ij/(s_i·s_j) of the damped H. */
  readonly g: Float32Array;
  /** s_j = √H_jj: what W is multiplied by. */
  readonly scale: Float32Array;
  readonly damping: number;
}

/** Scales H. `isUsable` says whether what comes out can be factored. Throws `hessian-not-positive-definite`. */
export function alpsProblem(
  h: Float32Array,
  columns: number,
  asked: number,
  isUsable: (g: Float32Array) => boolean,
): AlpsProblem {
  const mean = meanDiagonal(h, columns);
  const scale = new Float32Array(columns);
  const g = new Float32Array(columns * columns);
  const problem = { columns, meanDiagonal: mean };
  const damping = factorWithDamping(problem, { damping: asked }, (addend) => {
    for (let j = 0; j < columns; j++) scale[j] = Math.sqrt(h[j * columns + j] + addend);
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++)
        g[i * columns + j] = h[i * columns + j] / (scale[i] * scale[j]);
      g[i * columns + i] = 1;
    }
    return isUsable(g) ? -1 : 0;
  });
  return { g, scale, damping };
}

/** Of columns that are never active, 1: as the other solvers have it. */
function meanDiagonal(h: Float32Array, columns: number): number {
  let sum = 0;
  for (let j = 0; j < columns; j++) sum += h[j * columns + j] === 0 ? 1 : h[j * columns + j];
  return sum / columns;
}
