/** A weight [rows, columns] and what one of its numbers, and one of a factor's, takes in the file. */
export interface Factored {
  readonly rows: number;
  readonly columns: number;
  readonly weightBits: number;
  readonly factorBits: number;
}

/**
 * The rank at which two factors [rows, r] and [r, columns] take the bytes of the weight, rows·columns / (rows + columns) where
 * both are of one type: only below it is anything saved. Not rounded.
 */
export function breakEven({ rows, columns, weightBits, factorBits }: Factored): number {
  return (rows * columns * weightBits) / ((rows + columns) * factorBits);
}

/** The largest rank that saves bytes; 0 where none does. No larger than the matrix has. */
export function largestRank(factored: Factored): number {
  const { rows, columns } = factored;
  return Math.min(rows, columns, Math.ceil(breakEven(factored)) - 1);
}

/** The rank whose factors take `ratio` of the weight's bytes, at least 1 and below break-even where that is possible. */
export function rankForRatio(factored: Factored, ratio: number): number {
  const rank = Math.floor(breakEven(factored) * ratio + 1e-9);
  return Math.max(1, Math.min(rank, largestRank(factored)));
}
