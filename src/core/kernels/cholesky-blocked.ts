import { throwIfCancelled } from '../errors/lathe-error.ts';
import { GEMM_RUN, GEMM_WORK, PART } from './gemm-layout.ts';
import type { Kernels, Pointer } from './load.ts';
import { gemmInParts, solveRowsInParts, workAreas } from './parts.ts';

const BLOCK = 128;
const WORK = Math.max(GEMM_WORK, 8 * BLOCK * BLOCK);

/**
 * Cholesky in place in the arena: the lower half of the n×n matrix at `l` (row stride in floats) becomes
 * L; the upper half keeps what it held. Diagonal blocks of 128 in float64, panels and trailing updates
 * in float32. Returns −1, or the column whose pivot was not > 0.
 */
export function factorInArena(
  wasm: Kernels,
  l: Pointer,
  stride: number,
  n: number,
  signal?: AbortSignal,
): number {
  const { arena } = wasm;
  return arena.scope(() => {
    const work = workAreas(wasm, WORK);
    const at = (i: number, j: number): Pointer => l + 4 * (i * stride + j);
    for (let k = 0; k < n; k += BLOCK) {
      throwIfCancelled(signal);
      const nb = Math.min(BLOCK, n - k);
      const pivot = wasm.choleskyBlock({ a: at(k, k), stride, n: nb, work });
      if (pivot >= 0) return k + pivot;
      const [next, rest] = [k + nb, n - k - nb];
      if (rest === 0) break;
      const panel = at(next, k);
      const solved = {
        ...{ l: at(k, k), lStride: stride, n: nb },
        ...{ b: panel, bStride: stride, rows: rest, work },
      };
      solveRowsInParts(wasm, solved, WORK);
      const update = {
        ...{ m: rest, n: rest, k: nb, alpha: -1 },
        ...{ a: panel, aRow: stride, aColumn: 1 },
        ...{ b: panel, bRow: 1, bColumn: stride },
        ...{ c: at(next, next), cRow: stride, part: PART.lower, run: GEMM_RUN, work },
      };
      gemmInParts(wasm, update, WORK);
    }
    return -1;
  });
}
