import { GEMM_RUN, GEMM_WORK, PART } from './gemm-layout.ts';
import { kernels, type Kernels, type Pointer } from './load.ts';
import { gemmInParts, workAreas } from './parts.ts';

/** Rows of H computed together. */
const STRIP = 1024;

/** Values of X held in the arena at once. */
const WINDOW = 1 << 22;

/**
 * H += XᵀX with X [rows, columns] and H [columns, columns], both row-major; the upper half is computed
 * and mirrored, so H must be symmetric and stays exactly so. `h` is changed.
 * Error per entry: float32 sums over runs of 256 rows, (256 + rows/256)·2⁻²⁴·Σ|x_i·x_j|.
 */
export function accumulateSecondMoments(
  h: Float32Array,
  x: Float32Array,
  rows: number,
  columns: number,
): void {
  addToUpperMoments(h, x, rows, columns);
  mirrorUpper(h, columns);
}

/**
 * The upper half of H += XᵀX, in sums over runs of `run` ≤ 256 rows: X given in several calls of a multiple of
 * `run` rows gives the same bits as in one. {@link mirrorUpper} makes the lower half when all is in.
 */
export function addToUpperMoments(
  h: Float32Array,
  x: Float32Array,
  rows: number,
  columns: number,
  run = GEMM_RUN,
): void {
  const wasm = kernels();
  if (wasm === undefined) return secondMomentsOracle(h, x, rows, columns);
  const step = Math.max(GEMM_RUN, Math.floor(WINDOW / columns / GEMM_RUN) * GEMM_RUN);
  wasm.arena.scope(() => {
    const { arena } = wasm;
    const work = workAreas(wasm, GEMM_WORK);
    const px = arena.alloc(4 * Math.min(step, rows) * columns);
    const strip = arena.alloc(4 * Math.min(STRIP, columns) * columns);
    for (let r = 0; r < rows; r += step) {
      const count = Math.min(step, rows - r);
      arena.write(px, x.subarray(r * columns, (r + count) * columns));
      addUpper(wasm, h, { px, rows: count, columns, strip, run, work });
    }
  });
}

/** Oracle of {@link accumulateSecondMoments}: float64 sums. */
export function secondMomentsOracle(
  h: Float32Array,
  x: Float32Array,
  rows: number,
  columns: number,
): void {
  for (let i = 0; i < columns; i++)
    for (let j = i; j < columns; j++) {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += x[r * columns + i] * x[r * columns + j];
      h[i * columns + j] += sum;
      h[j * columns + i] = h[i * columns + j];
    }
}

/** Where X, a strip of H and the work areas lie in the arena. */
interface Window {
  readonly px: Pointer;
  readonly rows: number;
  readonly columns: number;
  readonly strip: Pointer;
  readonly run: number;
  readonly work: Pointer;
}

function addUpper(wasm: Kernels, h: Float32Array, window: Window): void {
  const { px, rows, columns, strip, run, work } = window;
  for (let i = 0; i < columns; i += STRIP) {
    const [m, n] = [Math.min(STRIP, columns - i), columns - i];
    const part = wasm.arena.floats(strip, m * n);
    for (let r = 0; r < m; r++)
      part.set(h.subarray((i + r) * columns + i + r, (i + r + 1) * columns), r * n + r);
    const from = px + 4 * i;
    const product = {
      ...{ m, n, k: rows, alpha: 1 },
      ...{ a: from, aRow: 1, aColumn: columns },
      ...{ b: from, bRow: columns, bColumn: 1 },
      ...{ c: strip, cRow: n, part: PART.upper, run, work },
    };
    gemmInParts(wasm, product, GEMM_WORK);
    for (let r = 0; r < m; r++)
      h.set(part.subarray(r * n + r, (r + 1) * n), (i + r) * columns + i + r);
  }
}

/** Lower half of H [n, n] := its upper half, tile by tile so that both sides stay in cache. */
export function mirrorUpper(h: Float32Array, n: number): void {
  const tile = 64;
  for (let i = 0; i < n; i += tile)
    for (let j = i; j < n; j += tile)
      mirrorTile(h, n, i, j, Math.min(n, i + tile), Math.min(n, j + tile));
}

function mirrorTile(
  h: Float32Array,
  n: number,
  i0: number,
  j0: number,
  i1: number,
  j1: number,
): void {
  for (let i = i0; i < i1; i++)
    for (let j = Math.max(j0, i + 1); j < j1; j++) h[j * n + i] = h[i * n + j];
}
