import { GEMM_WORK, PART } from './gemm.ts';
import { kernels, type Kernels, type Pointer } from './load.ts';

/** Rows of H computed together. */
const STRIP = 256;

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
 * {@link accumulateSecondMoments} of many blocks: the upper half alone, so that {@link mirrorUpper} passes over
 * H once behind the last block instead of behind each. The lower half holds nothing until then.
 */
export function addToUpperMoments(
  h: Float32Array,
  x: Float32Array,
  rows: number,
  columns: number,
): void {
  const wasm = kernels();
  if (wasm === undefined) return secondMomentsOracle(h, x, rows, columns);
  const step = Math.max(256, Math.floor(WINDOW / columns / 256) * 256);
  wasm.arena.scope(() => {
    const { arena } = wasm;
    const work = arena.alloc(GEMM_WORK);
    const px = arena.alloc(4 * Math.min(step, rows) * columns);
    const strip = arena.alloc(4 * Math.min(STRIP, columns) * columns);
    for (let r = 0; r < rows; r += step) {
      const count = Math.min(step, rows - r);
      arena.write(px, x.subarray(r * columns, (r + count) * columns));
      addUpper(wasm, h, px, count, columns, strip, work);
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

function addUpper(
  wasm: Kernels,
  h: Float32Array,
  px: Pointer,
  rows: number,
  columns: number,
  strip: Pointer,
  work: Pointer,
): void {
  for (let i = 0; i < columns; i += STRIP) {
    const [m, n] = [Math.min(STRIP, columns - i), columns - i];
    const part = wasm.arena.floats(strip, m * n);
    for (let r = 0; r < m; r++)
      part.set(h.subarray((i + r) * columns + i, (i + r + 1) * columns), r * n);
    const from = px + 4 * i;
    wasm.gemm({
      ...{ m, n, k: rows, alpha: 1 },
      ...{ a: from, aRow: 1, aColumn: columns },
      ...{ b: from, bRow: columns, bColumn: 1 },
      ...{ c: strip, cRow: n, part: PART.upper, work },
    });
    for (let r = 0; r < m; r++)
      h.set(part.subarray(r * n + r, (r + 1) * n), (i + r) * columns + i + r);
  }
}

/** Lower half := upper half of H [n, n], tile by tile so that both sides stay in cache. */
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
