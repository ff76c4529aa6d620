import { NestedCode, type Objective } from './nested-code.ts';
import { position } from './nested-grid.ts';

/** A weight [rows, columns] with one scale per group of columns, [rows, ⌈columns / groupSize⌉]. */
export interface NestedWeight {
  readonly weight: Float32Array;
  readonly rows: number;
  readonly columns: number;
  readonly groupSize: number;
  readonly scales: Float32Array;
}

/** Codes while they are being chosen, and what each width is off by. */
export class NestedErrors {
  readonly codes: Uint8Array;
  /** (W − Ŵ_n)ᵀ [columns, rows] of each width, in the order of the sweep. */
  readonly errors: readonly Float32Array[];
  readonly #code: NestedCode;
  readonly #groups: number;

  constructor(
    readonly weight: NestedWeight,
    readonly goal: Objective,
    readonly order: Uint32Array,
  ) {
    const { rows, columns, groupSize } = weight;
    this.codes = new Uint8Array(rows * columns);
    this.errors = goal.widths.map(() => new Float32Array(rows * columns));
    this.#code = new NestedCode(goal);
    this.#groups = Math.ceil(columns / groupSize);
  }

  /** sums_n += factor·E_n of column i. */
  addErrors(i: number, factor: number, sums: readonly Float32Array[]): void {
    const { rows } = this.weight;
    sums.forEach((sum, k) => {
      const own = this.errors[k];
      for (let row = 0; row < rows; row++) sum[row] += factor * own[i * rows + row];
    });
  }

  /** Codes of column j: the nearest to w + sums_n / pivot of all widths n. */
  choose(j: number, sums: readonly Float32Array[], pivot: number): void {
    const { rows } = this.weight;
    for (let row = 0; row < rows; row++) this.#round(row, j, (k, w) => w + sums[k][row] / pivot);
  }

  /** Codes of column j: the nearest to ŵ_n + gradients_n / h of all widths n. Gives what that changed of the errors. */
  chooseAgain(j: number, gradients: readonly Float32Array[], h: number): readonly Float32Array[] {
    const { rows } = this.weight;
    const before = this.errors.map((errors) => errors.slice(j * rows, (j + 1) * rows));
    for (let row = 0; row < rows; row++)
      this.#round(row, j, (k, w) => w - before[k][row] + gradients[k][row] / h);
    return this.errors.map((errors, k) =>
      before[k].map((error, row) => errors[j * rows + row] - error),
    );
  }

  #round(row: number, j: number, wanted: (k: number, w: number) => number): void {
    const { weight, rows, columns, scales, groupSize } = this.weight;
    const { parent, widths } = this.goal;
    const at = row * columns + this.order[j];
    const w = weight[at];
    const scale = scales[row * this.#groups + Math.floor(this.order[j] / groupSize)];
    const places = this.#code.at;
    for (let k = 0; k < places.length; k++) places[k] = position(wanted(k, w), scale, parent);
    const code = this.#code.find();
    this.codes[at] = code;
    for (let k = 0; k < places.length; k++) {
      const count = 2 ** widths[k];
      const value = (2 * (code >> (parent - widths[k])) + 1 - count) / count;
      this.errors[k][j * rows + row] = w - scale * value;
    }
  }
}
