import { throwIfCancelled } from '../errors/lathe-error.ts';
import type { GptqHooks } from './gptq-problem.ts';
import type { Kernels, Pointer } from './load.ts';
import { sparsifyInParts, workAreas } from './parts.ts';
import { RankSelect } from './rank-select.ts';
import { prunedOf } from './select.ts';
import {
  type SparseGptOptions,
  type SparseGptProblem,
  type SparseGptResult,
} from './sparsegpt-problem.ts';
import { StripGrids } from './strip-grids.ts';
import { STRIP, Strips, WINDOW_ROWS } from './strips.ts';
import { maxCode } from './uniform.ts';

/** Share of the progress that factoring H takes. */
const FACTOR_SHARE = 0.3;

/** Kernels take all bits of an entry of the mask. */
const KEPT = -1;

/** A block of columns in the arena, in strips of `width` columns. */
interface Block {
  readonly first: number;
  readonly n: number;
  readonly width: number;
  readonly ut: Pointer;
  /** Rows of Uᵀ are so many floats apart. */
  readonly utStride: number;
  readonly input: Pointer;
  readonly mask: Pointer;
}

/** SparseGPT in the arena, over W in strips. */
export class SparseGptSolver {
  readonly #strips: Strips;
  readonly #codes: Pointer;
  readonly #grids: StripGrids | undefined;
  readonly #values: Float32Array;
  readonly #keep: Uint8Array;
  readonly #select: RankSelect;
  /** Scores of a block, and the same as words: floats ≥ 0 order as whole numbers do. */
  readonly #scores: Float32Array;

  constructor(
    private readonly wasm: Kernels,
    private readonly problem: SparseGptProblem,
    private readonly options: SparseGptOptions,
    private readonly hooks: GptqHooks,
  ) {
    const { rows, columns, blockSize, grid, pattern } = problem;
    this.#strips = new Strips(wasm, problem, hooks);
    const joint = grid !== undefined && options.grid !== undefined;
    this.#codes = joint ? wasm.arena.alloc(this.#strips.paddedRows * columns) : 0;
    this.#grids = joint ? new StripGrids(wasm, this.#strips, grid) : undefined;
    this.#values = new Float32Array(rows * columns);
    this.#keep = new Uint8Array(rows * columns);
    const scored = typeof pattern === 'number' ? rows * blockSize : 0;
    this.#scores = new Float32Array(scored);
    this.#select = new RankSelect(scored);
  }

  solve(weight: Float32Array, h: Float32Array): SparseGptResult {
    const { columns, blockSize } = this.problem;
    const damping = this.#strips.factor(h, this.options);
    this.#strips.load(weight);
    this.#grids?.placeAll();
    for (let first = 0; first < columns; first += blockSize) {
      throwIfCancelled(this.hooks.signal);
      this.hooks.progress?.(FACTOR_SHARE + ((1 - FACTOR_SHARE) * first) / columns);
      this.wasm.arena.scope(() => this.#block(first, Math.min(columns, first + blockSize)));
    }
    this.hooks.progress?.(1);
    const result = { values: this.#values, keep: this.#keep, damping };
    if (this.#grids === undefined) return result;
    return { ...result, codes: this.#readCodes(), grids: this.#grids.grids };
  }

  #block(first: number, end: number): void {
    const { wasm } = this;
    const { arena } = wasm;
    const strips = this.#strips;
    const reach = this.#grids?.reach(first, end) ?? end;
    const width = Math.ceil((reach - first) / 4) * 4;
    const ut = arena.alloc(4 * width * width);
    const input = arena.alloc(4 * STRIP * strips.count * width);
    const mask = arena.alloc(4 * STRIP * strips.count * width);
    const workBytes = Math.max(4 * width * 256, 8 * width * width, 128 * width);
    const work = workAreas(wasm, workBytes);
    strips.blockInput(first, reach, width, ut, input, { work, workBytes });
    this.#grids?.find(first, end, { input, width, ut, utStride: reach - first });
    const block = { first, n: end - first, width, ut, utStride: reach - first, input, mask };
    if (typeof this.problem.pattern === 'number') this.#choose(block, this.problem.pattern);
    this.#sweep(block, { work, workBytes });
    this.#read(block);
  }

  #sweep(block: Block, { work, workBytes }: { work: Pointer; workBytes: number }): void {
    const { pattern, columns } = this.problem;
    const { first, n, ut, utStride, input, mask, width } = block;
    const [group, keep] = typeof pattern === 'number' ? [0, 0] : [pattern.m, pattern.n];
    const { grid } = this.options;
    const grids = this.#grids;
    const whole = {
      ...{ strips: this.#strips.count, columns, first, n, w: this.#strips.w },
      ...{ input, mask, inputColumns: width, ut, utStride, group, keep },
      ...{ scales: grids?.scales ?? 0, zeros: grids?.zeros ?? 0, groupOf: grids?.groupOf ?? 0 },
      gridRows: this.#strips.paddedRows,
      maxCode: grid === undefined ? 0 : maxCode(grid.bits),
      ...{ ties: grid?.range === 'signed-max' ? 1 : 0, codes: this.#codes, work },
    };
    sparsifyInParts(this.wasm, whole, workBytes);
  }

  /** One threshold on x²/U_jj² for the block, as the paper has it; of equals those that lie first go. */
  #choose({ n, width, ut, utStride, input, mask }: Block, sparsity: number): void {
    const { rows } = this.problem;
    const { arena } = this.wasm;
    const total = rows * n;
    const u = arena.floats(ut, n * utStride);
    const x = arena.floats(input, STRIP * this.#strips.count * width);
    const kept = new Int32Array(arena.bytes(mask, 0).buffer, mask, x.length).fill(KEPT);
    const scores = this.#scores.subarray(0, total);
    this.#eachEntry(n, width, (at, k, j) => {
      const d = u[j * utStride + j];
      scores[k] = (x[at] * x[at]) / (d * d);
    });
    const count = prunedOf(total, sparsity);
    if (count === 0) return;
    const words = new Uint32Array(scores.buffer, 0, total);
    const limit = this.#select.find(words, count - 1);
    let ties = count - this.#select.below;
    this.#eachEntry(n, width, (at, k) => {
      if (words[k] < limit || (words[k] === limit && ties-- > 0)) kept[at] = 0;
    });
  }

  /** Entries of real rows: place in strips of `width` columns, running number, column. */
  #eachEntry(n: number, width: number, visit: (at: number, k: number, j: number) => void): void {
    const { rows } = this.problem;
    let k = 0;
    for (let s = 0; s < this.#strips.count; s++) {
      const lanes = Math.min(STRIP, rows - s * STRIP);
      for (let j = 0; j < n; j++) {
        const at = STRIP * (s * width + j);
        for (let lane = 0; lane < lanes; lane++) visit(at + lane, k++, j);
      }
    }
  }

  /** Ŵ and the mask of a block, into the result. */
  #read({ first, n, width, input, mask }: Block): void {
    const { columns } = this.problem;
    this.#copy(input, width, n, (row, r) => this.#values.set(row, r * columns + first));
    this.#copy(mask, width, n, (row, r) => {
      const words = new Int32Array(row.buffer, row.byteOffset, n);
      const keep = this.#keep.subarray(r * columns + first, r * columns + first + n);
      for (let j = 0; j < n; j++) keep[j] = words[j] & 1;
    });
  }

  #copy(
    strips: Pointer,
    width: number,
    n: number,
    visit: (row: Float32Array, r: number) => void,
  ): void {
    const all = this.#strips.readColumns(strips, width, 0, n);
    for (let r = 0; r < this.problem.rows; r++) visit(all.subarray(r * n, (r + 1) * n), r);
  }

  #readCodes(): Uint8Array {
    const { wasm, problem } = this;
    const { rows, columns, order } = problem;
    const codes = new Uint8Array(rows * columns);
    wasm.arena.scope(() => {
      const o = wasm.arena.copyIn(order);
      const out = wasm.arena.alloc(WINDOW_ROWS * columns);
      for (let r = 0; r < rows; r += WINDOW_ROWS) {
        const n = Math.min(WINDOW_ROWS, rows - r);
        wasm.scatterCodes({ codes: this.#codes + r * columns, rows: n, columns, order: o, out });
        codes.set(wasm.arena.bytes(out, n * columns), r * columns);
      }
    });
    return codes;
  }
}
