import { gemm } from './gemm.ts';
import { GEMM_RUN, GEMM_WORK, PART } from './gemm-layout.ts';
import { kernels, type Kernels } from './load.ts';
import { gemmInParts, workAreas } from './parts.ts';

/** Rows of W that are multiplied by H at once: memory stays bounded where W is an embedding. */
const STRIP = 1024;

/**
 * Σ_r d_r·H·d_rᵀ = Σ (D·H) ⊙ D over a matrix D [rows, columns], D = `matrix` or `matrix` − `less`: the product by
 * the `gemm` kernel in float32, its sum in float64. Off by at most (256 + columns/256)·2⁻²⁴ · Σ |D||H||D|.
 */
export function quadraticForm(
  matrix: Float32Array,
  h: Float32Array,
  columns: number,
  less?: Float32Array,
): number {
  const wasm = kernels();
  if (wasm !== undefined) return wasm.arena.scope(() => inArena(wasm, matrix, h, columns, less));
  const d = Float32Array.from(matrix);
  if (less !== undefined) subtract(d, matrix, less);
  return dot(gemm(d.length / columns, columns, columns, d, h), d, 0);
}

/** WHY not `gemm`: that would copy H into the arena once for every strip, and D into memory of its own. */
function inArena(
  wasm: Kernels,
  matrix: Float32Array,
  h: Float32Array,
  columns: number,
  less: Float32Array | undefined,
): number {
  const { arena } = wasm;
  const work = workAreas(wasm, GEMM_WORK);
  const b = arena.copyIn(h);
  const size = Math.min(STRIP * columns, matrix.length);
  const [a, c] = [arena.alloc(4 * size), arena.alloc(4 * size)];
  let total = 0;
  for (let start = 0; start < matrix.length; start += size) {
    const values = matrix.subarray(start, start + size);
    const [d, product] = [arena.floats(a, values.length), arena.floats(c, values.length)];
    if (less === undefined) d.set(values);
    else subtract(d, values, less.subarray(start, start + size));
    product.fill(0);
    const operands = {
      ...{ m: values.length / columns, n: columns, k: columns, alpha: 1 },
      ...{ a, aRow: columns, aColumn: 1, b, bRow: columns, bColumn: 1 },
      ...{ c, cRow: columns, part: PART.all, run: GEMM_RUN, work },
    };
    gemmInParts(wasm, operands, GEMM_WORK);
    total = dot(product, d, total);
  }
  return total;
}

function subtract(out: Float32Array, a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = a[i] - b[i];
}

/** `sum` + Σ a_i·b_i, one after the other: strips then add up as the whole does. */
function dot(a: Float32Array, b: Float32Array, sum: number): number {
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
