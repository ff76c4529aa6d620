/** Both sides of a square so wide stay in cache. */
const TILE = 32;

/** The transpose of a row-major [rows, columns] matrix, as a new array of the same type. */
export function transpose<T extends Float32Array | Uint8Array | Int8Array | Uint16Array>(
  values: T,
  rows: number,
  columns: number,
): T {
  const out = values.slice() as T;
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(rows, top + TILE);
    for (let left = 0; left < columns; left += TILE) {
      const right = Math.min(columns, left + TILE);
      for (let c = left; c < right; c++)
        for (let r = top; r < bottom; r++) out[c * rows + r] = values[r * columns + c];
    }
  }
  return out;
}
