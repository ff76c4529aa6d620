import type { GptqOptions, GptqProblem } from './gptq-problem.ts';
import type { Kernels, Pointer } from './load.ts';
import { findGrids } from './rtn.ts';
import type { Strips } from './strips.ts';
import type { Grids } from './uniform.ts';

/** Grids of all groups, as a sweep over strips reads them: float [groups][padded rows]. */
export class StripGrids {
  readonly scales: Pointer;
  readonly zeros: Pointer;
  readonly groupOf: Pointer;
  readonly grids: Grids;

  constructor(
    private readonly wasm: Kernels,
    private readonly strips: Strips,
    private readonly problem: GptqProblem,
    private readonly options: GptqOptions,
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

  /** Grids of the dynamic groups that start in [first, end), from the block's input. */
  find(first: number, end: number, input: Pointer, width: number): void {
    const { rows, columns, groupSize, groups, grids } = this.problem;
    if (grids !== undefined) return;
    for (let c = Math.ceil(first / groupSize) * groupSize; c < end; c += groupSize) {
      const n = Math.min(groupSize, columns - c);
      const values = this.strips.readColumns(input, width, c - first, n).slice();
      const found = findGrids(values, rows, n, { ...this.options, groupSize: n });
      const g = c / groupSize;
      for (let r = 0; r < rows; r++) {
        this.grids.scales[r * groups + g] = found.scales[r];
        this.grids.zeros[r * groups + g] = found.zeros[r];
      }
      this.#place(g);
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
