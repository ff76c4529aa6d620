import { throwIfCancelled } from '../errors/lathe-error.ts';
import {
  groupIndexOf,
  type GptqHooks,
  type GptqOptions,
  type GptqProblem,
  type GptqResult,
} from './gptq-problem.ts';
import type { Kernels, Pointer } from './load.ts';
import { sweepInParts, workAreas } from './parts.ts';
import { StripGrids } from './strip-grids.ts';
import { STRIP, Strips, WINDOW_ROWS } from './strips.ts';
import type { GivenGrids } from './sweep-grids.ts';
import { maxCode, type Grids } from './uniform.ts';

/** Share of the progress that factoring H takes. */
const FACTOR_SHARE = 0.3;

/** GPTQ in the arena, over W in strips. */
export class GptqSolver {
  readonly #strips: Strips;
  readonly #codes: Pointer;
  readonly #grids: StripGrids;

  constructor(
    private readonly wasm: Kernels,
    private readonly problem: GptqProblem,
    private readonly options: GptqOptions,
    private readonly hooks: GptqHooks,
  ) {
    this.#strips = new Strips(wasm, problem, hooks);
    this.#codes = wasm.arena.alloc(this.#strips.paddedRows * problem.columns);
    this.#grids = new StripGrids(wasm, this.#strips, problem);
  }

  /** Factors H; returns the damping that was used. */
  factor(h: Float32Array): number {
    return this.#strips.factor(h, this.options);
  }

  /** Copies W in, as strips. */
  load(weight: Float32Array): void {
    this.#strips.load(weight);
    this.#grids.placeAll();
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
    const { problem, options } = this;
    const { scales, zeros } = this.#grids.grids;
    const codes = this.#readCodes();
    const quantized =
      zeros instanceof Float32Array
        ? valuesOf(codes, { scales, zeros }, problem)
        : this.#dequantize(codes, { scales, zeros });
    const groupIndex = groupIndexOf(problem, options);
    const out = { codes, scales, quantized, damping, groupIndex };
    return options.range === 'minmax' || this.#grids.fractional ? { ...out, zeros } : out;
  }

  #readCodes(): Uint8Array {
    const { wasm, problem } = this;
    const { rows, columns, order } = problem;
    const codes = new Uint8Array(rows * columns);
    wasm.arena.scope(() => {
      const { arena } = wasm;
      const [o, out] = [arena.copyIn(order), arena.alloc(WINDOW_ROWS * columns)];
      for (let r = 0; r < rows; r += WINDOW_ROWS) {
        const n = Math.min(WINDOW_ROWS, rows - r);
        wasm.scatterCodes({ codes: this.#codes + r * columns, rows: n, columns, order: o, out });
        codes.set(arena.bytes(out, n * columns), r * columns);
      }
    });
    return codes;
  }

  #dequantize(codes: Uint8Array, { scales, zeros }: Grids): Float32Array {
    const { wasm, problem } = this;
    const { rows, columns, groups } = problem;
    const values = new Float32Array(rows * columns);
    wasm.arena.scope(() => {
      const { arena } = wasm;
      const groupOf = arena.copyIn(groupOfColumns(problem));
      const [s, z] = [arena.copyIn(scales), arena.copyIn(zeros)];
      const [c, out] = [arena.alloc(WINDOW_ROWS * columns), arena.alloc(4 * WINDOW_ROWS * columns)];
      for (let r = 0; r < rows; r += WINDOW_ROWS) {
        const n = Math.min(WINDOW_ROWS, rows - r);
        arena.write(c, codes.subarray(r * columns, (r + n) * columns));
        const grids = { scales: s + 4 * r * groups, zeros: z + r * groups, groups, groupOf };
        wasm.dequantize({ codes: c, rows: n, columns, ...grids, out });
        values.set(arena.floats(out, n * columns), r * columns);
      }
    });
    return values;
  }

  #block(first: number, end: number): void {
    const { wasm, problem, options } = this;
    const { columns } = problem;
    const { arena } = wasm;
    const strips = this.#strips;
    const grids = this.#grids;
    const reach = grids.reach(first, end);
    const width = Math.ceil((reach - first) / 4) * 4;
    const ut = arena.alloc(4 * width * width);
    const input = arena.alloc(4 * STRIP * strips.count * width);
    const workBytes = Math.max(4 * width * 256, 8 * width * width);
    const work = workAreas(wasm, workBytes);
    strips.blockInput(first, reach, width, ut, input, { work, workBytes });
    grids.find(first, end, { input, width, ut, utStride: reach - first });
    const sweep = {
      ...{ strips: strips.count, columns, first, n: end - first },
      ...{ w: strips.w, input, inputColumns: width, ut, utStride: reach - first },
      ...{ scales: grids.scales, zeros: grids.zeros, groupOf: grids.groupOf },
      gridRows: strips.paddedRows,
      ...{
        maxCode: maxCode(options.bits),
        ties: options.range === 'signed-max' || grids.fractional ? 1 : 0,
      },
      ...{ codes: this.#codes, work },
    };
    sweepInParts(wasm, sweep, workBytes);
  }
}

/** Group of each column of W. */
function groupOfColumns({ columns, order, groupOf }: GptqProblem): Uint32Array {
  const groups = new Uint32Array(columns);
  for (let j = 0; j < columns; j++) groups[order[j]] = groupOf[j];
  return groups;
}

/** Ŵ = scale · (code − zero) with zeros of any kind. */
function valuesOf(codes: Uint8Array, grids: GivenGrids, problem: GptqProblem): Float32Array {
  const { columns, groups } = problem;
  const group = groupOfColumns(problem);
  return Float32Array.from(codes, (code, i) => {
    const at = Math.floor(i / columns) * groups + group[i % columns];
    return grids.scales[at] * Math.fround(code - grids.zeros[at]);
  });
}
