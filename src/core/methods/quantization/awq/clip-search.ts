import { gemm } from '../../../kernels/gemm.ts';
import type { Quantize } from './scale-search.ts';

/** Ranges of the reference: 10 steps of 5 % from the whole one. */
const STEPS = 10;
const GRID = 20;

/** W [rows, columns] in groups of columns, and XᵀX of what it is fed. */
export interface ClipProblem {
  readonly w: Float32Array;
  readonly columns: number;
  readonly groupSize: number;
  readonly h: Float32Array;
}

/**
 * c [rows, groups] that makes ‖(Q(clamp(w_g, −c, c)) − w_g)·X_gᵀ‖² smallest, each group by itself, of max|w_g|·(1 − i/20), i < 10. Source:
 * llm-awq `auto_clip.py`.
 */
export function searchClips(problem: ClipProblem, quantize: Quantize): Float32Array {
  const { w, columns, groupSize } = problem;
  const [rows, groups] = [w.length / columns, Math.ceil(columns / groupSize)];
  const largest = new Float32Array(rows * groups);
  w.forEach((value, i) => {
    const at = groupAt(i, columns, groupSize, groups);
    largest[at] = Math.max(largest[at], Math.abs(value));
  });
  const best = largest.slice();
  const errors = new Float64Array(rows * groups).fill(Infinity);
  for (let step = 0; step < STEPS; step++) {
    const share = Math.fround(1 - step / GRID);
    const clips = largest.map((most) => most * share);
    const found = groupErrors(problem, quantize(clamped(problem, clips)));
    found.forEach((error, at) => {
      if (!(error < errors[at])) return;
      errors[at] = error;
      best[at] = clips[at];
    });
  }
  return best;
}

/** W with every group cut at its clip. */
export function clamped({ w, columns, groupSize }: ClipProblem, clips: Float32Array): Float32Array {
  const groups = Math.ceil(columns / groupSize);
  return w.map((value, i) => {
    const c = clips[groupAt(i, columns, groupSize, groups)];
    return Math.max(-c, Math.min(c, value));
  });
}

function groupAt(i: number, columns: number, groupSize: number, groups: number): number {
  return Math.floor(i / columns) * groups + Math.floor((i % columns) / groupSize);
}

/** d_g·H_gg·d_gᵀ of every row and group, D = Ŵ − W. */
function groupErrors({ w, columns, groupSize, h }: ClipProblem, q: Float32Array): Float64Array {
  const [rows, groups] = [w.length / columns, Math.ceil(columns / groupSize)];
  const errors = new Float64Array(rows * groups);
  for (let g = 0; g < groups; g++) {
    const first = g * groupSize;
    const n = Math.min(groupSize, columns - first);
    const d = new Float32Array(rows * n);
    for (let i = 0; i < d.length; i++) {
      const at = Math.floor(i / n) * columns + first + (i % n);
      d[i] = q[at] - w[at];
    }
    const own = Float32Array.from({ length: n * n }, (_, i) => {
      return h[(first + Math.floor(i / n)) * columns + first + (i % n)];
    });
    const product = gemm(rows, n, n, d, own);
    for (let i = 0; i < d.length; i++) errors[Math.floor(i / n) * groups + g] += product[i] * d[i];
  }
  return errors;
}
