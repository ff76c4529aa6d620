import { smallest } from './rank-select.ts';
import { STRIP } from './strips.ts';

interface Shape {
  readonly rows: number;
  readonly columns: number;
}

/** W [rows, columns], column j times factor_j, into strips of `width` columns; padding is 0. */
export function toStrips(
  values: Float32Array,
  { rows, columns }: Shape,
  width: number,
  strips: Float32Array,
  factor: Float64Array,
): void {
  strips.fill(0);
  for (let r = 0; r < rows; r++) {
    let at = STRIP * (Math.floor(r / STRIP) * width) + (r % STRIP);
    for (let j = 0; j < columns; j++) {
      strips[at] = values[r * columns + j] * factor[j];
      at += STRIP;
    }
  }
}

/** Strips → row-major [rows, columns], column j times factor_j. */
export function fromStrips(
  strips: Float32Array | Uint8Array,
  { rows, columns }: Shape,
  width: number,
  factor?: Float64Array,
): Float32Array {
  const values = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    let at = STRIP * (Math.floor(r / STRIP) * width) + (r % STRIP);
    for (let j = 0; j < columns; j++) {
      values[r * columns + j] = factor === undefined ? strips[at] : strips[at] * factor[j];
      at += STRIP;
    }
  }
  return values;
}

/** The `keeps` largest magnitudes of the whole matrix, into `keep`; of equals the last stay, padding never. */
export function keepInStrips(
  strips: Float32Array,
  { rows, columns }: Shape,
  width: number,
  keeps: number,
  keep: Uint8Array,
): void {
  const { limit, ties, equal } = smallest(strips, strips.length - keeps);
  const words = new Uint32Array(strips.buffer, strips.byteOffset, strips.length);
  for (let i = 0; i < words.length; i++) keep[i] = Number((words[i] & 0x7fffffff) > limit);
  // Padding is 0 and goes before any entry that is.
  const isPadding = (i: number): boolean => {
    const [s, j] = [Math.floor(i / (STRIP * width)), Math.floor(i / STRIP) % width];
    return j >= columns || s * STRIP + (i % STRIP) >= rows;
  };
  let kept = equal - ties;
  for (let i = words.length - 1; kept > 0; i--)
    if ((words[i] & 0x7fffffff) === limit && !isPadding(i)) {
      keep[i] = 1;
      kept--;
    }
}

/** The n largest magnitudes of every m columns of each row, into `keep`; of equals the later column stays. */
export function chooseInStrips(
  strips: Float32Array,
  width: number,
  columns: number,
  { n, m }: { readonly n: number; readonly m: number },
  keep: Uint8Array,
): void {
  const size = new Float32Array(m);
  keep.fill(0);
  for (let s = 0; s < strips.length; s += STRIP * width)
    for (let j = 0; j < columns; j += m)
      for (let lane = 0; lane < STRIP; lane++) {
        const first = s + STRIP * j + lane;
        for (let t = 0; t < m; t++) size[t] = Math.abs(strips[first + STRIP * t]);
        for (let t = 0; t < m; t++) keep[first + STRIP * t] = rankOf(size, t) < n ? 1 : 0;
      }
}

/** How many are larger, or equal and later. */
function rankOf(size: Float32Array, t: number): number {
  const own = size[t];
  let above = 0;
  for (let u = 0; u < t; u++) if (size[u] > own) above++;
  for (let u = t + 1; u < size.length; u++) if (size[u] >= own) above++;
  return above;
}
