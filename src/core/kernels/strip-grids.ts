import type { GptqProblem } from './gptq-problem.ts';
import type { Kernels, Pointer } from './load.ts';
import type { Strips } from './strips.ts';
import type { GivenGrids } from './sweep-grids.ts';

/** Where a block of columns lies in the arena. */
export interface BlockColumns {
  /** What is to be rounded, in strips of `width` columns. */
  readonly input: Pointer;
  readonly width: number;
  /** Uᵀ, rows of `utStride` floats. */
  readonly ut: Pointer;
  readonly utStride: number;
}

/** Grids of all groups, as a sweep over strips reads them: float [groups][padded rows]. */
export class StripGrids {
  readonly scales: Pointer;
  readonly zeros: Pointer;
  readonly groupOf: Pointer;
  /** As found so far, [rows, groups]. */
  grids: GivenGrids;

  constructor(
    private readonly wasm: Kernels,
    private readonly strips: Strips,
    private readonly problem: GptqProblem,
  ) {
    const { rows, groups, groupOf } = problem;
    const { arena } = wasm;
    this.scales = arena.alloc(4 * strips.paddedRows * groups);
    this.zeros = arena.alloc(4 * strips.paddedRows * groups);
    this.groupOf = arena.copyIn(groupOf);
    this.grids = problem.grids ?? {
      scales: new Float32Array(rows * groups),
      zeros: new Uint8Array(rows * groups),
    };
  }

  /** Puts the grids known so far where the kernel reads them. */
  placeAll(): void {
    for (let g = 0; g < this.problem.groups; g++) this.#place(g);
  }

  /** Where the last dynamic group that starts in the block ends: its grid needs those columns too. */
  reach(first: number, end: number): number {
    const { grids, groupSize, columns } = this.problem;
    if (grids !== undefined) return end;
    const lastStart = Math.floor((end - 1) / groupSize) * groupSize;
    return lastStart < first ? end : Math.max(end, Math.min(columns, lastStart + groupSize));
  }

  /** Whether zeros are numbers of any kind: then what is rounded is the code and not its distance from zero. */
  get fractional(): boolean {
    return this.grids.zeros instanceof Float32Array;
  }

  /** Grids of the dynamic groups that start in [first, end), from the block's input and Uᵀ. */
  find(first: number, end: number, { input, width, ut, utStride }: BlockColumns): void {
    const { columns, groupSize, grids, order, groupOf, findGrid } = this.problem;
    if (grids !== undefined) return;
    const u = this.wasm.arena.floats(ut, utStride * utStride);
    const diagonal = Float32Array.from({ length: utStride }, (_, j) => u[j * (utStride + 1)]);
    for (let c = Math.ceil(first / groupSize) * groupSize; c < end; c += groupSize) {
      const n = Math.min(groupSize, columns - c);
      const values = this.strips.readColumns(input, width, c - first, n).slice();
      const pivots = diagonal.slice(c - first, c - first + n);
      const group = groupOf[c];
      this.#keep(group, findGrid({ group, columns: order.slice(c, c + n), values, pivots }));
      this.#place(group);
    }
  }

  #keep(g: number, found: GivenGrids): void {
    const { rows, groups } = this.problem;
    if (found.zeros instanceof Float32Array && !this.fractional)
      this.grids = { ...this.grids, zeros: Float32Array.from(this.grids.zeros) };
    for (let r = 0; r < rows; r++) {
      this.grids.scales[r * groups + g] = found.scales[r];
      this.grids.zeros[r * groups + g] = found.zeros[r];
    }
  }

  /** Padding rows get the scale 1. */
  #place(g: number): void {
    const { rows, groups } = this.problem;
    const padded = this.strips.paddedRows;
    const scales = this.wasm.arena.floats(this.scales + 4 * g * padded, padded).fill(1);
    const zeros = this.wasm.arena.floats(this.zeros + 4 * g * padded, padded).fill(0);
    for (let r = 0; r < rows; r++) {
      scales[r] = this.grids.scales[r * groups + g];
      zeros[r] = this.grids.zeros[r * groups + g];
    }
  }
}
