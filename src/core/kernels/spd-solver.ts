import { throwIfCancelled } from '../errors/lathe-error.ts';
import { factorInArena } from './cholesky-blocked.ts';
import { gemm } from './gemm.ts';
import { GEMM_RUN, GEMM_WORK, PART } from './gemm-layout.ts';
import type { Kernels, Pointer } from './load.ts';
import { gemmInParts, workAreas } from './parts.ts';

const BLOCK = 128;
const WORK = Math.max(GEMM_WORK, 8 * BLOCK * BLOCK);

/** Products with a symmetric matrix G [n, n], and with the inverse of G + ρI, for rows B [rows, n]. */
export interface SpdSolver {
  /** Factors G + ρI; returns −1, or the column whose pivot was not > 0. */
  factor(rho: number): number;
  /** B·(G + ρI)⁻¹, in place; ρ is that of the last {@link factor}. */
  solve(b: Float32Array): void;
  /** B·G into `out`; drops the factor. */
  multiply(b: Float32Array, out: Float32Array): void;
}

/**
 * {@link SpdSolver} in the arena, for as long as its scope lasts. WHY no inverse and no eigenvectors: two triangular
 * solves cost as much as one product with an inverse that would have to be made first, for every ρ anew.
 */
export class ArenaSpdSolver implements SpdSolver {
  readonly #stride: number;
  readonly #l: Pointer;
  readonly #inverses: Pointer;
  readonly #b: Pointer;
  readonly #c: Pointer;
  readonly #work: Pointer;
  /** Whether G itself lies where its factor goes. */
  #plain = false;

  constructor(
    private readonly wasm: Kernels,
    private readonly g: Float32Array,
    private readonly n: number,
    private readonly rows: number,
    private readonly signal?: AbortSignal,
  ) {
    const { arena } = wasm;
    // WHY 16 more: rows a power of two apart fall into the same cache sets.
    this.#stride = n + 16;
    this.#l = arena.alloc(4 * n * this.#stride);
    this.#inverses = arena.alloc(4 * BLOCK * n);
    this.#b = arena.alloc(4 * rows * n);
    this.#c = arena.alloc(4 * rows * BLOCK);
    this.#work = workAreas(wasm, WORK);
  }

  factor(rho: number): number {
    const { wasm, n } = this;
    this.#loadG(rho);
    this.#plain = false;
    const pivot = factorInArena(wasm, this.#l, this.#stride, n, this.signal);
    if (pivot >= 0) return pivot;
    for (let k = 0; k < n; k += BLOCK) {
      const size = Math.min(BLOCK, n - k);
      const block = { r: this.#at(k, k), row: 1, column: this.#stride, n: size };
      // (Lᵀ)⁻¹ transposed is L⁻¹, row-major.
      wasm.invertUpper({ ...block, out: this.#inverse(k), work: this.#work });
    }
    return -1;
  }

  solve(b: Float32Array): void {
    const { wasm, n } = this;
    wasm.arena.write(this.#b, b);
    for (let k = 0; k < n; k += BLOCK) this.#forward(k, Math.min(BLOCK, n - k));
    throwIfCancelled(this.signal);
    for (let k = (Math.ceil(n / BLOCK) - 1) * BLOCK; k >= 0; k -= BLOCK)
      this.#backward(k, Math.min(BLOCK, n - k));
    b.set(wasm.arena.floats(this.#b, this.rows * n));
  }

  multiply(b: Float32Array, out: Float32Array): void {
    const { wasm, n, rows } = this;
    if (!this.#plain) this.#loadG(0);
    wasm.arena.write(this.#b, b);
    for (let k = 0; k < n; k += BLOCK) {
      const size = Math.min(BLOCK, n - k);
      const c = wasm.arena.floats(this.#c, rows * size).fill(0);
      this.#gemm({ k: n, b: this.#at(0, k), bRow: this.#stride, bColumn: 1, n: size });
      for (let r = 0; r < rows; r++) out.set(c.subarray(r * size, (r + 1) * size), r * n + k);
    }
  }

  /** X_k = (B_k − Σ_{j<k} X_j·L_kjᵀ)·L_kk⁻ᵀ */
  #forward(k: number, size: number): void {
    const into = { n: size, c: this.#b + 4 * k, cRow: this.n };
    if (k > 0)
      this.#gemm({ ...into, k, alpha: -1, b: this.#at(k, 0), bRow: 1, bColumn: this.#stride });
    this.#byInverse(k, size, { bRow: 1, bColumn: size });
  }

  /** Z_k = (X_k − Σ_{j>k} Z_j·L_jk)·L_kk⁻¹ */
  #backward(k: number, size: number): void {
    const below = this.n - k - size;
    if (below > 0) {
      const into = { n: size, c: this.#b + 4 * k, cRow: this.n };
      const from = { a: this.#b + 4 * (k + size), b: this.#at(k + size, k) };
      this.#gemm({ ...into, ...from, k: below, alpha: -1, bRow: this.#stride, bColumn: 1 });
    }
    this.#byInverse(k, size, { bRow: size, bColumn: 1 });
  }

  #byInverse(k: number, size: number, strides: { bRow: number; bColumn: number }): void {
    const { wasm, rows, n } = this;
    const c = wasm.arena.floats(this.#c, rows * size).fill(0);
    this.#gemm({ a: this.#b + 4 * k, k: size, b: this.#inverse(k), ...strides, n: size });
    const b = wasm.arena.floats(this.#b, rows * n);
    for (let r = 0; r < rows; r++) b.set(c.subarray(r * size, (r + 1) * size), r * n + k);
  }

  /** C += α·A·B; A is B of the class, from column 0, and C the spare columns, where nothing else is said. */
  #gemm(
    product: { k: number; b: Pointer; bRow: number; bColumn: number; n: number } & Partial<
      Record<'a' | 'c' | 'cRow' | 'alpha', number>
    >,
  ): void {
    const { wasm, rows, n } = this;
    const usual = { m: rows, alpha: 1, a: this.#b, aRow: n, aColumn: 1, c: this.#c };
    const rest = { part: PART.all, run: GEMM_RUN, work: this.#work };
    gemmInParts(wasm, { ...usual, cRow: product.n, ...product, ...rest }, WORK);
  }

  #loadG(rho: number): void {
    const { n, g } = this;
    const l = this.wasm.arena.floats(this.#l, n * this.#stride);
    for (let i = 0; i < n; i++) {
      l.set(g.subarray(i * n, i * n + n), i * this.#stride);
      l[i * this.#stride + i] += rho;
    }
    this.#plain = true;
  }

  #at(i: number, j: number): Pointer {
    return this.#l + 4 * (i * this.#stride + j);
  }

  #inverse(k: number): Pointer {
    return this.#inverses + 4 * BLOCK * k;
  }
}

/** Oracle of {@link ArenaSpdSolver}: unblocked, float64. */
export class OracleSpdSolver implements SpdSolver {
  #l = new Float64Array(0);

  constructor(
    private readonly g: Float32Array,
    private readonly n: number,
  ) {}

  factor(rho: number): number {
    const { n, g } = this;
    const l = (this.#l = Float64Array.from(g));
    for (let j = 0; j < n; j++) {
      l[j * n + j] += rho;
      for (let i = j; i < n; i++) {
        let sum = l[i * n + j];
        for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
        if (i > j) l[i * n + j] = sum / l[j * n + j];
        else if (sum > 0) l[j * n + j] = Math.sqrt(sum);
        else return j;
      }
    }
    return -1;
  }

  solve(b: Float32Array): void {
    const { n } = this;
    for (let start = 0; start < b.length; start += n) {
      const x = Float64Array.from(b.subarray(start, start + n));
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < i; k++) x[i] -= this.#l[i * n + k] * x[k];
        x[i] /= this.#l[i * n + i];
      }
      for (let i = n - 1; i >= 0; i--) {
        for (let k = i + 1; k < n; k++) x[i] -= this.#l[k * n + i] * x[k];
        x[i] /= this.#l[i * n + i];
      }
      b.set(x, start);
    }
  }

  multiply(b: Float32Array, out: Float32Array): void {
    out.set(gemm(b.length / this.n, this.n, this.n, b, this.g));
  }
}
