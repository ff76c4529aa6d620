import { factorInArena } from './cholesky-blocked.ts';
import { factorWithDamping, type ColumnProblem, type GptqHooks } from './gptq-problem.ts';
import type { Kernels, Pointer } from './load.ts';
import { stripProductInParts } from './parts.ts';

/** Rows that make a strip: four vectors. */
export const STRIP = 16;

/** Rows of W that are copied into the arena at once. */
export const WINDOW_ROWS = 64;

/** Memory that the kernels of one block write to while they work. */
export interface WorkArea {
  readonly work: Pointer;
  readonly workBytes: number;
}

/**
 * What methods that go through W column by column share, in the arena: W in strips of 16 rows, columns in the order
 * they are worked on, and the factor R of H = R·Rᵀ. As a block is done its columns become E = W − Ŵ, which is all
 * that later blocks need.
 */
export class Strips {
  /** How many. */
  readonly count: number;
  readonly w: Pointer;
  readonly #stride: number;
  readonly #l: Pointer;
  readonly #order: Pointer;

  constructor(
    private readonly wasm: Kernels,
    private readonly problem: ColumnProblem,
    private readonly hooks: GptqHooks,
  ) {
    const { rows, columns, order, dead } = problem;
    const { arena } = wasm;
    // WHY 16 more: rows a power of two apart fall into the same cache sets.
    this.#stride = columns + 16;
    this.count = Math.ceil(rows / STRIP);
    this.#l = arena.alloc(4 * columns * this.#stride);
    this.w = arena.alloc(4 * this.paddedRows * columns);
    this.#order = arena.copyIn(Int32Array.from(order, (j) => (dead[j] === 1 ? -1 : j)));
  }

  get paddedRows(): number {
    return this.count * STRIP;
  }

  /** Factors H, both index orders reversed, so that R_ij = L[n−1−i, n−1−j]; returns the damping. */
  factor(h: Float32Array, options: { readonly damping?: number }): number {
    const { wasm, problem, hooks } = this;
    return factorWithDamping(problem, options, (addend) => {
      this.#loadReversed(h, addend);
      return factorInArena(wasm, this.#l, this.#stride, problem.columns, hooks.signal);
    });
  }

  /** Copies W in, as strips. */
  load(weight: Float32Array): void {
    const { wasm, problem } = this;
    const { rows, columns } = problem;
    wasm.arena.scope(() => {
      const window = wasm.arena.alloc(4 * Math.min(WINDOW_ROWS, rows) * columns);
      for (let r = 0; r < rows; r += WINDOW_ROWS) {
        const count = Math.min(WINDOW_ROWS, rows - r);
        wasm.arena.write(window, weight.subarray(r * columns, (r + count) * columns));
        const strips = this.w + 4 * r * columns;
        wasm.gatherStrips({ source: window, rows: count, columns, order: this.#order, strips });
      }
    });
  }

  /** input = W_B + (E_{<B}·R_{<B,B})·R_BB⁻¹ for B = [first, reach), and Uᵀ = (R_BB⁻¹)ᵀ. */
  blockInput(
    first: number,
    reach: number,
    width: number,
    ut: Pointer,
    input: Pointer,
    { work, workBytes }: WorkArea,
  ): void {
    const { wasm, count: strips } = this;
    const { columns } = this.problem;
    const n = reach - first;
    const [r, row] = [this.#r(first, first), -this.#stride];
    wasm.invertUpper({ r, row, column: -1, n, out: ut, work });
    for (let s = 0; s < strips; s++) this.#copyStrip(s, first, n, input, width);
    if (first === 0) return;
    wasm.arena.scope(() => {
      const t = wasm.arena.zeroed(4 * this.paddedRows * width);
      const before = {
        ...{ strips, m: n, k: first },
        ...{ a: this.#r(0, first), aRow: -1, aColumn: -this.#stride },
        ...{ b: this.w, bColumns: columns, c: t, cColumns: width, work },
      };
      stripProductInParts(wasm, before, workBytes);
      const own = {
        ...{ strips, m: n, k: n },
        ...{ a: ut, aRow: n, aColumn: 1 },
        ...{ b: t, bColumns: width, c: input, cColumns: width, work },
      };
      stripProductInParts(wasm, own, workBytes);
    });
  }

  /** n columns of strips that have `width`, from `first` on, as a row-major view [rows, n] until the next alloc. */
  readColumns(strips: Pointer, width: number, first: number, n: number): Float32Array {
    const { wasm, problem } = this;
    return wasm.arena.scope(() => {
      const out = wasm.arena.alloc(4 * problem.rows * n);
      wasm.stripRows({ strips, columns: width, first, width: n, rows: problem.rows, out });
      return wasm.arena.floats(out, problem.rows * n);
    });
  }

  #loadReversed(h: Float32Array, addend: number): void {
    const { columns: n, order, dead } = this.problem;
    const reversed = order.toReversed();
    const l = this.wasm.arena.floats(this.#l, n * this.#stride);
    for (let i = 0; i < n; i++) {
      const row = h.subarray(reversed[i] * n, (reversed[i] + 1) * n);
      const at = i * this.#stride;
      for (let k = 0; k <= i; k++) l[at + k] = row[reversed[k]];
      l[at + i] = (dead[reversed[i]] === 1 ? 1 : l[at + i]) + addend;
    }
  }

  /** Address of R_ij; its row stride is −stride, its column stride −1. */
  #r(i: number, j: number): Pointer {
    const n = this.problem.columns;
    return this.#l + 4 * ((n - 1 - i) * this.#stride + (n - 1 - j));
  }

  #copyStrip(s: number, first: number, n: number, input: Pointer, width: number): void {
    const { arena } = this.wasm;
    const from = this.w + 4 * STRIP * (s * this.problem.columns + first);
    arena.write(input + 4 * STRIP * s * width, arena.floats(from, STRIP * n));
  }
}
