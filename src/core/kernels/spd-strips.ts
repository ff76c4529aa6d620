import { throwIfCancelled } from '../errors/lathe-error.ts';
import { factorInArena } from './cholesky-blocked.ts';
import type { Kernels, Pointer } from './load.ts';
import { stripProductInParts, workAreas } from './parts.ts';
import { STRIP } from './strips.ts';

const BLOCK = 128;

/** G [n, n] by entries. */
export type Entry = (i: number, j: number) => number;

/**
 * Products of rows in strips with a symmetric G [n, n] and with the inverse of G + ρI, in the arena for as long as its
 * scope lasts. A strip has {@link width} columns: n, rounded up to a multiple of 4, the rest 0. WHY no inverse and no
 * eigenvectors: two triangular solves cost as much as one product with an inverse that would have to be made first,
 * for every ρ anew; and strips are packed panels already.
 */
export class SpdStrips {
  readonly width: number;
  readonly #stride: number;
  readonly #l: Pointer;
  readonly #inverses: Pointer;
  readonly #block: Pointer;
  readonly #work: Pointer;
  readonly #workBytes: number;

  constructor(
    private readonly wasm: Kernels,
    private readonly g: Entry,
    private readonly n: number,
    /** How many strips of 16 rows. */
    private readonly strips: number,
    private readonly signal?: AbortSignal,
  ) {
    const { arena } = wasm;
    this.width = Math.ceil(n / 4) * 4;
    // WHY 16 more: rows a power of two apart fall into the same cache sets.
    this.#stride = n + 16;
    this.#l = arena.alloc(4 * n * this.#stride);
    this.#inverses = arena.alloc(4 * BLOCK * n);
    this.#block = arena.alloc(4 * STRIP * strips * BLOCK);
    this.#workBytes = Math.max(4 * 256 * this.width, 8 * BLOCK * BLOCK);
    this.#work = workAreas(wasm, this.#workBytes);
  }

  /** Factors G + ρI; returns −1, or the column whose pivot was not > 0. */
  factor(rho: number): number {
    const { wasm, n } = this;
    this.#loadG(rho);
    const pivot = factorInArena(wasm, this.#l, this.#stride, n, this.signal);
    if (pivot >= 0) return pivot;
    const work = this.#work;
    for (let k = 0; k < n; k += BLOCK) {
      const size = Math.min(BLOCK, n - k);
      // (Lᵀ)⁻¹ transposed is L⁻¹, row-major.
      const upper = { r: this.#at(k, k), row: 1, column: this.#stride };
      wasm.invertUpper({ ...upper, n: size, out: this.#inverse(k), work });
    }
    this.#negateBelow();
    return -1;
  }

  /** B·(G + ρI)⁻¹ in place; ρ is that of the last {@link factor}. */
  solve(b: Pointer): void {
    const { n } = this;
    for (let k = 0; k < n; k += BLOCK) this.#forward(b, k, Math.min(BLOCK, n - k));
    throwIfCancelled(this.signal);
    for (let k = (Math.ceil(n / BLOCK) - 1) * BLOCK; k >= 0; k -= BLOCK)
      this.#backward(b, k, Math.min(BLOCK, n - k));
  }

  /** Puts G where its factor was, for {@link multiply}. */
  useProduct(): void {
    this.#loadG(0);
  }

  /** C = B·G; after {@link useProduct}. */
  multiply(b: Pointer, c: Pointer): void {
    const { wasm, n, width, strips } = this;
    wasm.arena.floats(c, STRIP * strips * width).fill(0);
    this.#product({ m: n, k: n, a: this.#l, aRow: this.#stride, aColumn: 1, b, c });
  }

  /** X_k = (B_k − Σ_{j<k} X_j·L_kjᵀ)·L_kk⁻ᵀ */
  #forward(b: Pointer, k: number, size: number): void {
    const c = b + 4 * STRIP * k;
    const a = { a: this.#at(k, 0), aRow: this.#stride, aColumn: 1 };
    if (k > 0) this.#product({ m: size, k, ...a, b, c });
    this.#byInverse(c, size, { a: this.#inverse(k), aRow: size, aColumn: 1 });
  }

  /** Z_k = (X_k − Σ_{j>k} Z_j·L_jk)·L_kk⁻¹ */
  #backward(b: Pointer, k: number, size: number): void {
    const c = b + 4 * STRIP * k;
    const [next, below] = [k + size, this.n - k - size];
    const a = { a: this.#at(next, k), aRow: 1, aColumn: this.#stride };
    if (below > 0) this.#product({ m: size, k: below, ...a, b: b + 4 * STRIP * next, c });
    this.#byInverse(c, size, { a: this.#inverse(k), aRow: 1, aColumn: size });
  }

  /** The columns of a block times a matrix, in place. */
  #byInverse(c: Pointer, size: number, a: { a: Pointer; aRow: number; aColumn: number }): void {
    const { wasm, strips, width } = this;
    const [whole, part] = [wasm.arena.floats(c, STRIP * (strips * width)), STRIP * size];
    const block = wasm.arena.floats(this.#block, strips * part);
    for (let s = 0; s < strips; s++) {
      const own = whole.subarray(STRIP * s * width, STRIP * s * width + part);
      block.set(own, s * part);
      own.fill(0);
    }
    this.#product({ m: size, k: size, ...a, b: this.#block, c, bColumns: size });
  }

  /** C_i += Σ_p A_ip·B_p over strips. */
  #product(
    given: Record<'m' | 'k' | 'a' | 'aRow' | 'aColumn' | 'b' | 'c', number> & { bColumns?: number },
  ): void {
    const { strips, width } = this;
    const usual = { strips, bColumns: width, cColumns: width, work: this.#work };
    stripProductInParts(this.wasm, { ...usual, ...given }, this.#workBytes);
  }

  #loadG(rho: number): void {
    const { n, g } = this;
    const l = this.wasm.arena.floats(this.#l, n * this.#stride);
    for (let i = 0; i < n; i++) {
      const row = l.subarray(i * this.#stride, i * this.#stride + n);
      for (let j = 0; j < n; j++) row[j] = g(i, j);
      row[i] += rho;
    }
  }

  /** What is subtracted lies there with its sign turned, because products are only added. */
  #negateBelow(): void {
    const { n } = this;
    const l = this.wasm.arena.floats(this.#l, n * this.#stride);
    for (let i = BLOCK; i < n; i++) {
      const end = i * this.#stride + i - (i % BLOCK);
      for (let at = i * this.#stride; at < end; at++) l[at] = -l[at];
    }
  }

  #at(i: number, j: number): Pointer {
    return this.#l + 4 * (i * this.#stride + j);
  }

  #inverse(k: number): Pointer {
    return this.#inverses + 4 * BLOCK * k;
  }
}
