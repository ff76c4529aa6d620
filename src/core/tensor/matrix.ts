/** The transpose of a row-major [rows, columns] matrix, as a new array of the same type. */
export function transpose<T extends Float32Array | Uint8Array | Int8Array | Uint16Array>(
  values: T,
  rows: number,
  columns: number,
): T {
  const out = values.slice() as T;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c];
  }
  return out;
}
