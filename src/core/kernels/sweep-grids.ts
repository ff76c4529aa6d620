/** Scales and zero codes [rows, groups], found by whoever asks for a sweep. */
export interface GivenGrids {
  readonly scales: Float32Array;
  /** With Float32Array they may be any number, and values are rounded to ⌊w/scale + zero + ½⌋. */
  readonly zeros: Uint8Array | Float32Array;
}

/** Columns that share a grid, as a sweep finds them when it reaches the first. */
export interface ReachedGroup {
  /** Which group of W: ⌊c / groupSize⌋ of its columns c. */
  readonly group: number;
  /** Its columns by their place in W, in the order they are worked on. */
  readonly columns: Uint32Array;
  /** W as it stands there, what earlier columns left to correct moved onto it: [rows, columns.length]. */
  readonly values: Float32Array;
  /** U_jj of each column: when it is its turn, an error e of column j adds e² / U_jj² to ‖(W − Ŵ)Xᵀ‖². */
  readonly pivots: Float32Array;
}

/** The grid [rows, 1] of a group. */
export type FindGrid = (reached: ReachedGroup) => GivenGrids;

/** Ŵ = scale · (code − zero), [rows, columns]; `groupOf` is by the order of columns. */
export function valuesOnGrid(
  codes: Uint8Array,
  { scales, zeros }: GivenGrids,
  problem: Sweep,
): Float32Array {
  const { rows, columns, groups, order, groupOf } = problem;
  const group = new Uint32Array(columns);
  for (let j = 0; j < columns; j++) group[order[j]] = groupOf[j];
  const values = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const [row, grid] = [r * columns, r * groups];
    for (let c = 0; c < columns; c++) {
      const at = grid + group[c];
      values[row + c] = scales[at] * Math.fround(codes[row + c] - zeros[at]);
    }
  }
  return values;
}

interface Sweep {
  readonly rows: number;
  readonly columns: number;
  readonly groups: number;
  readonly order: Uint32Array;
  readonly groupOf: Uint32Array;
}
