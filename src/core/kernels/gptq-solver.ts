import { throwIfCancelled } from '../errors/lathe-error.ts';
import { factorInArena } from './cholesky-blocked.ts';
import {
  factorWithDamping,
  groupIndexOf,
  type GptqHooks,
  type GptqOptions,
  type GptqProblem,
  type GptqResult,
} from './gptq-problem.ts';
import type { Kernels, Pointer } from './load.ts';
import { stripProductInParts, sweepInParts, workAreas } from './parts.ts';
import { findGrids } from './rtn.ts';
import { maxCode, type Grids } from './uniform.ts';

/** Rows that make a strip: four vectors. */
const STRIP = 16;

/** Rows of W that are copied into the arena at once. */
const WINDOW_ROWS = 64;

/** Share of the progress that factoring H takes. */
const FACTOR_SHARE = 0.3;

/**
 * GPTQ in the arena. W lies in strips of 16 rows, columns in quantization order; as a block is
 * quantized its columns become E = W − Ŵ, which is all that later blocks need.
 */
export class GptqSolver {
  readonly #stride: number;
  readonly #strips: number;
  readonly #l: Pointer;
  readonly #w: Pointer;
  readonly #codes: Pointer;
  readonly #scales: Pointer;
  readonly #zeros: Pointer;
  readonly #groupOf: Pointer;
  readonly #order: Pointer;
  readonly #grids: Grids;

  constructor(
    private readonly wasm: Kernels,
    private readonly problem: GptqProblem,
    private readonly options: GptqOptions,
    private readonly hooks: GptqHooks,
  ) {
    const { rows, columns, groups, groupOf, order, dead } = problem;
    const { arena } = wasm;
    // WHY 16 more: rows a power of two apart fall into the same cache sets.
    this.#stride = columns + 16;
    this.#strips = Math.ceil(rows / STRIP);
    const padded = this.#strips * STRIP;
    this.#l = arena.alloc(4 * columns * this.#stride);
    this.#w = arena.alloc(4 * padded * columns);
    this.#codes = arena.alloc(padded * columns);
    this.#scales = arena.alloc(4 * padded * groups);
    this.#zeros = arena.alloc(4 * padded * groups);
    this.#groupOf = arena.copyIn(groupOf);
    this.#order = arena.copyIn(Int32Array.from(order, (j) => (dead[j] === 1 ? -1 : j)));
    this.#grids = problem.grids ?? {
      scales: new Float32Array(rows * groups),
      zeros: new Uint8Array(rows * groups),
    };
  }

  /** Factors H, both index orders reversed, so that R_ij = L[n−1−i, n−1−j]; returns the damping. */
  factor(h: Float32Array): number {
    const { wasm, problem, options, hooks } = this;
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
        const strips = this.#w + 4 * r * columns;
        wasm.gatherStrips({ source: window, rows: count, columns, order: this.#order, strips });
      }
    });
    for (let g = 0; g < problem.groups; g++) this.#placeGrid(g);
  }

  /** Quantizes block after block. */
  sweep(): void {
    const { columns, blockSize } = this.problem;
    for (let first = 0; first < columns; first += blockSize) {
      throwIfCancelled(this.hooks.signal);
      this.hooks.progress?.(FACTOR_SHARE + ((1 - FACTOR_SHARE) * first) / columns);
      this.wasm.arena.scope(() => this.#block(first, Math.min(columns, first + blockSize)));
    }
    this.hooks.progress?.(1);
  }

  result(damping: number): GptqResult {
    const { wasm, problem, options } = this;
    const { rows, columns, groups, order, groupOf } = problem;
    const { scales, zeros } = this.#grids;
    const originalGroup = new Uint32Array(columns);
    for (let j = 0; j < columns; j++) originalGroup[order[j]] = groupOf[j];
    const codes = new Uint8Array(rows * columns);
    const quantized = new Float32Array(rows * columns);
    wasm.arena.scope(() => {
      const { arena } = wasm;
      const [o, g] = [arena.copyIn(order), arena.copyIn(originalGroup)];
      const [s, z] = [arena.copyIn(scales), arena.copyIn(zeros)];
      const [c, q] = [arena.alloc(WINDOW_ROWS * columns), arena.alloc(4 * WINDOW_ROWS * columns)];
      for (let r = 0; r < rows; r += WINDOW_ROWS) {
        const n = Math.min(WINDOW_ROWS, rows - r);
        const shape = { rows: n, columns };
        wasm.scatterCodes({ codes: this.#codes + r * columns, ...shape, order: o, out: c });
        const grids = { scales: s + 4 * r * groups, zeros: z + r * groups, groups, groupOf: g };
        wasm.dequantize({ codes: c, ...shape, ...grids, out: q });
        codes.set(arena.bytes(c, n * columns), r * columns);
        quantized.set(arena.floats(q, n * columns), r * columns);
      }
    });
    const groupIndex = groupIndexOf(problem, options);
    const out = { codes, scales, quantized, damping, groupIndex };
    return options.range === 'minmax' ? { ...out, zeros } : out;
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

  #block(first: number, end: number): void {
    const { wasm, problem, options } = this;
    const { columns } = problem;
    const { arena } = wasm;
    const reach = this.#reach(first, end);
    const width = Math.ceil((reach - first) / 4) * 4;
    const ut = arena.alloc(4 * width * width);
    const input = arena.alloc(4 * STRIP * this.#strips * width);
    const workBytes = Math.max(4 * width * 256, 8 * width * width);
    const work = workAreas(wasm, workBytes);
    this.#blockInput(first, reach, width, ut, input, { work, workBytes });
    if (problem.grids === undefined) this.#findGrids(first, end, input, width);
    const sweep = {
      ...{ strips: this.#strips, columns, first, n: end - first },
      ...{ w: this.#w, input, inputColumns: width, ut, utStride: reach - first },
      ...{ scales: this.#scales, zeros: this.#zeros, groupOf: this.#groupOf },
      gridRows: STRIP * this.#strips,
      ...{ maxCode: maxCode(options.bits), ties: options.range === 'signed-max' ? 1 : 0 },
      ...{ codes: this.#codes, work },
    };
    sweepInParts(wasm, sweep, workBytes);
  }

  /** Where the last dynamic group that starts in the block ends: its grid needs those columns too. */
  #reach(first: number, end: number): number {
    const { grids, groupSize, columns } = this.problem;
    if (grids !== undefined) return end;
    const lastStart = Math.floor((end - 1) / groupSize) * groupSize;
    return lastStart < first ? end : Math.max(end, Math.min(columns, lastStart + groupSize));
  }

  /** input = W_B + (E_{<B}·R_{<B,B})·R_BB⁻¹ for B = [first, reach), and Uᵀ = (R_BB⁻¹)ᵀ. */
  #blockInput(
    first: number,
    reach: number,
    width: number,
    ut: Pointer,
    input: Pointer,
    { work, workBytes }: { readonly work: Pointer; readonly workBytes: number },
  ): void {
    const { wasm } = this;
    const { columns } = this.problem;
    const n = reach - first;
    const [r, row] = [this.#r(first, first), -this.#stride];
    wasm.invertUpper({ r, row, column: -1, n, out: ut, work });
    for (let s = 0; s < this.#strips; s++) this.#copyStrip(s, first, n, input, width);
    if (first === 0) return;
    wasm.arena.scope(() => {
      const t = wasm.arena.zeroed(4 * STRIP * this.#strips * width);
      const before = {
        ...{ strips: this.#strips, m: n, k: first },
        ...{ a: this.#r(0, first), aRow: -1, aColumn: -this.#stride },
        ...{ b: this.#w, bColumns: columns, c: t, cColumns: width, work },
      };
      stripProductInParts(wasm, before, workBytes);
      const own = {
        ...{ strips: this.#strips, m: n, k: n },
        ...{ a: ut, aRow: n, aColumn: 1 },
        ...{ b: t, bColumns: width, c: input, cColumns: width, work },
      };
      stripProductInParts(wasm, own, workBytes);
    });
  }

  #copyStrip(s: number, first: number, n: number, input: Pointer, width: number): void {
    const { arena } = this.wasm;
    const from = this.#w + 4 * STRIP * (s * this.problem.columns + first);
    arena.write(input + 4 * STRIP * s * width, arena.floats(from, STRIP * n));
  }

  /** Grids of the dynamic groups that start in [first, end), from the block's input. */
  #findGrids(first: number, end: number, input: Pointer, width: number): void {
    const { rows, columns, groupSize, groups } = this.problem;
    for (let c = Math.ceil(first / groupSize) * groupSize; c < end; c += groupSize) {
      const n = Math.min(groupSize, columns - c);
      const values = this.#readColumns(input, width, c - first, n);
      const found = findGrids(values, rows, n, { ...this.options, groupSize: n });
      const g = c / groupSize;
      for (let r = 0; r < rows; r++) {
        this.#grids.scales[r * groups + g] = found.scales[r];
        this.#grids.zeros[r * groups + g] = found.zeros[r];
      }
      this.#placeGrid(g);
    }
  }

  #readColumns(strips: Pointer, width: number, first: number, n: number): Float32Array {
    const { wasm, problem } = this;
    return wasm.arena.scope(() => {
      const out = wasm.arena.alloc(4 * problem.rows * n);
      wasm.stripRows({ strips, columns: width, first, width: n, rows: problem.rows, out });
      return wasm.arena.floats(out, problem.rows * n).slice();
    });
  }

  /** Grid g of every row → the [groups][padded rows] float layout of the sweep; padding rows: scale 1. */
  #placeGrid(g: number): void {
    const { rows, groups } = this.problem;
    const padded = this.#strips * STRIP;
    const scales = this.wasm.arena.floats(this.#scales + 4 * g * padded, padded).fill(1);
    const zeros = this.wasm.arena.floats(this.#zeros + 4 * g * padded, padded).fill(0);
    for (let r = 0; r < rows; r++) {
      scales[r] = this.#grids.scales[r * groups + g];
      zeros[r] = this.#grids.zeros[r * groups + g];
    }
  }
}
