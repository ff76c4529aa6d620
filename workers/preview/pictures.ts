import type { TensorPicture } from '../protocol.ts';

/** How a matrix is laid on the heat map. */
export interface HeatGrid {
  readonly rows: number;
  readonly columns: number;
  readonly heatRows: number;
  readonly heatColumns: number;
}

/** At most `cells` cells on each edge, never more than there are rows or columns. */
export function heatGrid(rows: number, columns: number, cells: number): HeatGrid {
  return { rows, columns, heatRows: Math.min(rows, cells), heatColumns: Math.min(columns, cells) };
}

/**
 * Heat cell (i, j): the signed value of largest magnitude among the weights that fall into it, so that
 * a single outlier is never averaged away.
 */
export function heatOf(values: Float32Array, grid: HeatGrid): Float32Array {
  const { rows, columns, heatRows, heatColumns } = grid;
  const heat = new Float32Array(heatRows * heatColumns);
  const column = Uint16Array.from({ length: columns }, (_, c) =>
    Math.floor((c * heatColumns) / columns),
  );
  for (let r = 0; r < rows; r++) {
    const cellRow = Math.floor((r * heatRows) / rows) * heatColumns;
    const start = r * columns;
    for (let c = 0; c < columns; c++) {
      const cell = cellRow + column[c];
      const value = values[start + c];
      const top = heat[cell];
      if (value * value > top * top) heat[cell] = value;
    }
  }
  return heat;
}

/** Counts of the values in `bins` equal parts of [minimum, maximum]. */
export function histogramOf(
  values: Float32Array,
  minimum: number,
  maximum: number,
  bins: number,
): Float64Array {
  const counts = new Float64Array(bins);
  const scale = maximum > minimum ? bins / (maximum - minimum) : 0;
  const last = bins - 1;
  for (let i = 0; i < values.length; i++) {
    const bin = ((values[i] - minimum) * scale) | 0;
    counts[bin > last ? last : bin]++;
  }
  return counts;
}

export function rangeOf(values: Float32Array): { minimum: number; maximum: number } {
  let minimum = Infinity;
  let maximum = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return minimum <= maximum ? { minimum, maximum } : { minimum: 0, maximum: 0 };
}

export function pictureOf(
  values: Float32Array,
  grid: HeatGrid,
  range: { minimum: number; maximum: number },
  bins: number,
): TensorPicture {
  return {
    heat: heatOf(values, grid),
    histogram: histogramOf(values, range.minimum, range.maximum, bins),
  };
}

/** ‖W−Ŵ‖²/‖W‖² and the number of zeros of Ŵ. */
export function compare(
  weight: Float32Array,
  decoded: Float32Array,
): { relativeError: number; zeros: number } {
  let error = 0;
  let signal = 0;
  let zeros = 0;
  for (let i = 0; i < weight.length; i++) {
    const w = weight[i];
    const q = decoded[i];
    error += (w - q) * (w - q);
    signal += w * w;
    if (q === 0) zeros++;
  }
  return { relativeError: signal === 0 ? 0 : error / signal, zeros };
}
