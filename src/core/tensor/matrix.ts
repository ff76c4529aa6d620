/** Rows and columns of a tile: column by column every write would miss the cache. */
const TILE = 32;

type Numbers = Float64Array | Float32Array | Uint8Array | Int8Array | Uint16Array;

/** The transpose of a row-major [rows, columns] matrix, as a new array of the same type. */
export function transpose<T extends Numbers>(values: T, rows: number, columns: number): T {
  const out = new (values.constructor as new (length: number) => T)(values.length);
  for (let top = 0; top < rows; top += TILE)
    for (let left = 0; left < columns; left += TILE)
      turnTile(out, values, { top, left, rows, columns });
  return out;
}

interface Tile {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

function turnTile(out: Numbers, values: Numbers, { top, left, rows, columns }: Tile): void {
  const [bottom, right] = [Math.min(rows, top + TILE), Math.min(columns, left + TILE)];
  for (let r = top; r < bottom; r++)
    for (let c = left; c < right; c++) out[c * rows + r] = values[r * columns + c];
}
