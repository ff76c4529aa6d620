/** Examples as sparse rows: row r holds values[k] in columns[k] for starts[r] ≤ k < starts[r + 1]. */
export interface SparseRows {
  readonly count: number;
  readonly width: number;
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/** Sparse rows from lists of [column, value]; zeros are left out. */
export function sparseRows(
  rows: readonly (readonly (readonly [number, number])[])[],
  width: number,
): SparseRows {
  const kept = rows.map((row) => row.filter(([, value]) => value !== 0));
  const starts = new Int32Array(rows.length + 1);
  kept.forEach((row, r) => (starts[r + 1] = starts[r] + row.length));
  const columns = new Int32Array(starts[rows.length]);
  const values = new Float32Array(starts[rows.length]);
  kept.flat().forEach(([column, value], k) => {
    columns[k] = column;
    values[k] = value;
  });
  return { count: rows.length, width, starts, columns, values };
}

/** Sparse rows of a dense matrix [count, width] times a factor: bytes of images, for one. */
export function sparseFromDense(data: ArrayLike<number>, width: number, factor = 1): SparseRows {
  const count = data.length / width;
  const starts = new Int32Array(count + 1);
  let stored = 0;
  for (let k = 0; k < data.length; k++) {
    if (data[k] !== 0) stored++;
    if ((k + 1) % width === 0) starts[(k + 1) / width] = stored;
  }
  const columns = new Int32Array(stored);
  const values = new Float32Array(stored);
  for (let k = 0, at = 0; k < data.length; k++) {
    if (data[k] === 0) continue;
    columns[at] = k % width;
    values[at++] = data[k] * factor;
  }
  return { count, width, starts, columns, values };
}
