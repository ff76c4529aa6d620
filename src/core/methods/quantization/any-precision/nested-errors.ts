import { NestedCode, type Objective } from './nested-code.ts';
import { nestedTable, type Width } from './nested-grid.ts';

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
  /** What each width would like of the column under way. */
  readonly #wanted: readonly Float64Array[];
  readonly #values: readonly Float64Array[];

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
    this.#wanted = goal.widths.map(() => new Float64Array(rows));
    this.#values = goal.widths.map((bits) => valuesOf(goal.parent, bits));
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
    const { rows, columns, weight } = this.weight;
    sums.forEach((sum, k) => {
      const wanted = this.#wanted[k];
      let at = this.order[j];
      for (let row = 0; row < rows; row++, at += columns)
        wanted[row] = weight[at] + sum[row] / pivot;
    });
    this.#round(j);
  }

  /** Codes of column j: the nearest to ŵ_n + gradients_n / h of all widths n. Gives what that changed of the errors. */
  chooseAgain(j: number, gradients: readonly Float32Array[], h: number): readonly Float32Array[] {
    const { rows } = this.weight;
    const before = this.errors.map((errors) => errors.slice(j * rows, (j + 1) * rows));
    this.choose(
      j,
      gradients.map((gradient, k) => gradient.map((g, row) => g - h * before[k][row])),
      h,
    );
    before.forEach((errors, k) => {
      const now = this.errors[k].subarray(j * rows, (j + 1) * rows);
      for (let row = 0; row < rows; row++) errors[row] = now[row] - errors[row];
    });
    return before;
  }

  /** The codes nearest to what is wanted, and what each width is off by with them. */
  #round(j: number): void {
    const { weight, rows, columns, scales, groupSize } = this.weight;
    const { at: places } = this.#code;
    const half = 2 ** (this.goal.parent - 1);
    const group = Math.floor(this.order[j] / groupSize);
    for (let row = 0; row < rows; row++) {
      const at = row * columns + this.order[j];
      const scale = scales[row * this.#groups + group];
      const toSteps = scale === 0 ? 0 : half / scale;
      for (let k = 0; k < places.length; k++)
        places[k] = this.#wanted[k][row] * toSteps + half - 0.5;
      const code = this.#code.find();
      this.codes[at] = code;
      for (let k = 0; k < places.length; k++)
        this.errors[k][j * rows + row] = weight[at] - scale * this.#values[k][code];
    }
  }
}

/** v_n of the top n bits of every code of the parent. */
function valuesOf(parent: Width, bits: Width): Float64Array {
  const values = nestedTable(bits).values;
  return Float64Array.from({ length: 2 ** parent }, (_, code) => values[code >> (parent - bits)]);
}
