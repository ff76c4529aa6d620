import { gemmOracle } from './gemm-oracle.ts';
import { GEMM_RUN, GEMM_WORK, PART } from './gemm-layout.ts';
import { kernels, type Kernels } from './load.ts';
import { gemmInParts, workAreas } from './parts.ts';

export interface GemmOptions {
  /** A is stored as [k, m]. */
  readonly transposeA?: boolean;
  /** B is stored as [n, k]. */
  readonly transposeB?: boolean;
  /** C += α·A·B into this array (it is changed and returned) instead of a fresh one. */
  readonly accumulate?: Float32Array;
  readonly alpha?: number;
}

/**
 * C = α·op(A)·op(B) (+ C with `accumulate`), float32, row-major: op(A) [m, k], op(B) [k, n], C [m, n].
 * Error per entry is that of float32 sums over k in runs of 256: |ΔC| ≤ (256 + k/256)·2⁻²⁴·|A||B|.
 */
export function gemm(
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  b: Float32Array,
  options: GemmOptions = {},
): Float32Array {
  const { transposeA = false, transposeB = false, alpha = 1 } = options;
  const c = options.accumulate ?? new Float32Array(m * n);
  const wasm = kernels();
  if (wasm === undefined) gemmOracle(m, n, k, alpha, a, transposeA, b, transposeB, c);
  else gemmWithKernels(wasm, [m, n, k], a, b, c, options);
  return c;
}

function gemmWithKernels(
  wasm: Kernels,
  [m, n, k]: readonly [number, number, number],
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  { transposeA = false, transposeB = false, accumulate, alpha = 1 }: GemmOptions,
): void {
  const { arena } = wasm;
  const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
  const [bRow, bColumn] = transposeB ? [1, k] : [n, 1];
  arena.scope(() => {
    const work = workAreas(wasm, GEMM_WORK);
    const pa = arena.copyIn(a);
    const pb = arena.copyIn(b);
    const pc = accumulate === undefined ? arena.zeroed(4 * m * n) : arena.copyIn(c);
    const operands = {
      ...{ m, n, k, alpha },
      ...{ a: pa, aRow, aColumn },
      ...{ b: pb, bRow, bColumn },
      ...{ c: pc, cRow: n, part: PART.all, run: GEMM_RUN, work },
    };
    gemmInParts(wasm, operands, GEMM_WORK);
    c.set(arena.floats(pc, m * n));
  });
}
