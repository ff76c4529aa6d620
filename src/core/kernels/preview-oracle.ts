import { dequantizeUniform, quantizeUniform } from './rtn.ts';
import type { UniformCodes, UniformOptions } from './uniform.ts';

const f = Math.fround;

/** How a matrix is laid on the heat map, and its values on the histogram. */
export interface Frame {
  readonly rows: number;
  readonly columns: number;
  /** At most rows and columns. */
  readonly heatRows: number;
  readonly heatColumns: number;
  /** Range of the histogram; values outside count in the first or last bin. */
  readonly minimum: number;
  readonly maximum: number;
  readonly bins: number;
}

/** How far a weight is from before. */
export interface Compared {
  /** Σ(w − ŵ)². */
  readonly squaredError: number;
  /** How many ŵ are zero. */
  readonly zeros: number;
}

/** And what it looks like. */
export interface Pictured extends Compared {
  /** [heatRows, heatColumns], row-major: the value of largest magnitude in each cell, of two such the negative. */
  readonly heat: Float32Array;
  /** Values per bin. */
  readonly histogram: Float64Array;
}

/** A uniform grid to preview. */
export interface UniformPreview extends UniformOptions {
  /** One grid for the whole tensor; `groupSize` is then not looked at. */
  readonly wholeTensor?: boolean;
  /** What the file keeps of the scales, when that is less than float32. */
  readonly store?: (scales: Float32Array) => Float32Array;
}

/** {@link Compared} and the grid of the first group. */
export interface UniformCompared extends Compared {
  readonly scale: number;
  readonly zero: number;
  /** The scale that chose the codes, before what the file keeps of it. */
  readonly foundScale: number;
}

/** bins / (maximum − minimum) in float32; 0 for an empty range. */
export function binFactor({ minimum, maximum, bins }: Frame): number {
  return maximum > minimum ? f(bins / (maximum - minimum)) : 0;
}

/**
 * The picture of Ŵ `shown` beside W `values`, both [rows, columns] row-major, in plain TypeScript. Heat row of
 * row r is ⌊r·heatRows/rows⌋, columns likewise; bin = clamp(⌊(ŵ − minimum)·bins/(maximum − minimum)⌋) in
 * float32; error in float64.
 */
export function previewDenseOracle(
  values: Float32Array,
  shown: Float32Array,
  frame: Frame,
): Pictured {
  return {
    ...compare(values, shown),
    heat: heatOf(shown, frame),
    histogram: histogramOf(shown, frame),
  };
}

function compare(values: Float32Array, shown: Float32Array): Compared {
  let squaredError = 0;
  let zeros = 0;
  for (let i = 0; i < values.length; i++) {
    squaredError += (values[i] - shown[i]) ** 2;
    if (shown[i] === 0) zeros++;
  }
  return { squaredError, zeros };
}

/** Rounds to the nearest point of a uniform grid, then compares: two steps of what the kernel does in one. */
export function previewUniformOracle(
  values: Float32Array,
  options: UniformPreview,
  frame: Frame,
): UniformCompared {
  const { wholeTensor, store } = options;
  const [rows, columns] = wholeTensor ? [1, values.length] : [frame.rows, frame.columns];
  const grid = wholeTensor ? { ...options, groupSize: columns } : options;
  const found = quantizeUniform(values, rows, columns, grid);
  const encoded: UniformCodes = store ? { ...found, scales: store(found.scales) } : found;
  const shown = dequantizeUniform(encoded, rows, columns, grid);
  return {
    ...compare(values, shown),
    scale: encoded.scales[0],
    foundScale: found.scales[0],
    zero: encoded.zeros?.[0] ?? 2 ** (options.bits - 1),
  };
}

/** Order of magnitude, the sign in the lowest bit: the same keys as in the kernel. */
function heatOf(values: Float32Array, frame: Frame): Float32Array {
  const { rows, columns, heatRows, heatColumns } = frame;
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const keys = new Uint32Array(heatRows * heatColumns);
  for (let r = 0; r < rows; r++) {
    const cellRow = Math.floor((r * heatRows) / rows) * heatColumns;
    for (let c = 0; c < columns; c++) {
      const cell = cellRow + Math.floor((c * heatColumns) / columns);
      const x = bits[r * columns + c];
      const key = ((x << 1) | (x >>> 31)) >>> 0;
      if (key > keys[cell]) keys[cell] = key;
    }
  }
  // + 0 turns −0 into 0.
  return new Float32Array(keys.map((key) => (key >>> 1) | (key << 31)).buffer).map((v) => v + 0);
}

function histogramOf(values: Float32Array, frame: Frame): Float64Array {
  const histogram = new Float64Array(frame.bins);
  const factor = binFactor(frame);
  const last = frame.bins - 1;
  for (let i = 0; i < values.length; i++) {
    const x = f(f(values[i] - frame.minimum) * factor);
    histogram[x > 0 ? Math.floor(Math.min(x, last)) : 0]++;
  }
  return histogram;
}
