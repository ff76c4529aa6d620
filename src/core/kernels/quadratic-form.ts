import { gemm } from './gemm.ts';
import { GEMM_RUN, GEMM_WORK, PART } from './gemm-layout.ts';
import { kernels, type Kernels, type Pointer } from './load.ts';
import { gemmInParts, workAreas } from './parts.ts';

/** Rows of W that are multiplied by H at once: memory stays bounded where W is an embedding. */
const STRIP = 512;

/**
 * Σ_r w_r·H·w_rᵀ = Σ (W·H) ⊙ W over a matrix W [rows, columns]: the product by the `gemm` kernel in
 * float32, its sum in float64. Off by at most (256 + columns/256)·2⁻²⁴ · Σ |W||H||W|.
 */
export function quadraticForm(matrix: Float32Array, h: Float32Array, columns: number): number {
  const wasm = kernels();
  return wasm === undefined
    ? quadraticFormOf(matrix, columns, (strip, rows) => gemm(rows, columns, columns, strip, h))
    : wasm.arena.scope(() => quadraticFormOf(matrix, columns, productWith(wasm, h, columns)));
}

function quadraticFormOf(
  matrix: Float32Array,
  columns: number,
  product: (strip: Float32Array, rows: number) => Float32Array,
): number {
  let total = 0;
  for (let start = 0; start < matrix.length; start += STRIP * columns) {
    const strip = matrix.subarray(start, start + STRIP * columns);
    const multiplied = product(strip, strip.length / columns);
    for (let i = 0; i < strip.length; i++) total += multiplied[i] * strip[i];
  }
  return total;
}

/** WHY not `gemm`: that would copy H into the arena once for every strip. */
function productWith(wasm: Kernels, h: Float32Array, columns: number) {
  const { arena } = wasm;
  const work = workAreas(wasm, GEMM_WORK);
  const b = arena.copyIn(h);
  return (strip: Float32Array, rows: number): Float32Array =>
    arena.scope(() => {
      const a = arena.copyIn(strip);
      const c: Pointer = arena.zeroed(4 * rows * columns);
      const operands = {
        ...{ m: rows, n: columns, k: columns, alpha: 1 },
        ...{ a, aRow: columns, aColumn: 1 },
        ...{ b, bRow: columns, bColumn: 1 },
        ...{ c, cRow: columns, part: PART.all, run: GEMM_RUN, work },
      };
      gemmInParts(wasm, operands, GEMM_WORK);
      // A view: it is summed before anything else is allocated.
      return arena.floats(c, rows * columns);
    });
}
