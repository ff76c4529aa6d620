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
