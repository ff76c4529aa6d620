import { gridOf, quantizeUniformOracle } from './rtn-oracle.ts';
import { groupsPerRow, middleCode, type UniformCodes, type UniformOptions } from './uniform.ts';

/**
 * Rounds to the nearest point of a uniform grid per group of `groupSize` columns:
 * code = clamp(round(w / scale) + zero, 0, 2^bits − 1), Ŵ = scale · (code − zero).
 * `values` is [rows, columns] row-major; `groupSize = columns` is per channel.
 */
export function quantizeUniform(
  values: Float32Array,
  rows: number,
  columns: number,
  options: UniformOptions,
): UniformCodes {
  return quantizeUniformOracle(values, rows, columns, options);
}

/** One grid for the whole tensor: {@link quantizeUniform} with all values in one group. */
export function quantizeTensor(
  values: Float32Array,
  options: Omit<UniformOptions, 'groupSize'>,
): UniformCodes {
  return quantizeUniform(values, 1, values.length, { ...options, groupSize: values.length });
}

/** Ŵ[r,c] = scales[r,g] · (codes[r,c] − zeros[r,g]), in float32 (zero 2^(bits−1) when absent). */
export function dequantizeUniform(
  encoded: UniformCodes,
  rows: number,
  columns: number,
  options: Pick<UniformOptions, 'bits' | 'groupSize'>,
): Float32Array {
  const groups = groupsPerRow(columns, options.groupSize);
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let g = 0; g < groups; g++) {
      const at = r * groups + g;
      const zero = encoded.zeros === undefined ? middleCode(options.bits) : encoded.zeros[at];
      const end = r * columns + Math.min(columns, (g + 1) * options.groupSize);
      for (let i = r * columns + g * options.groupSize; i < end; i++)
        out[i] = encoded.scales[at] * (encoded.codes[i] - zero);
    }
  return out;
}

/** Scale and zero code of every group; zeros hold 2^(bits−1) for symmetric ranges. */
export interface Grids {
  /** [rows, groups] */
  readonly scales: Float32Array;
  /** [rows, groups] */
  readonly zeros: Uint8Array;
}

/** The grids {@link quantizeUniform} would use, without quantizing. */
export function findGrids(
  values: Float32Array,
  rows: number,
  columns: number,
  options: UniformOptions,
): Grids {
  const groups = groupsPerRow(columns, options.groupSize);
  const scales = new Float32Array(rows * groups);
  const zeros = new Uint8Array(rows * groups);
  for (let r = 0; r < rows; r++)
    for (let g = 0; g < groups; g++) {
      const start = r * columns + g * options.groupSize;
      const end = r * columns + Math.min(columns, (g + 1) * options.groupSize);
      const grid = gridOf(values, start, end, options);
      scales[r * groups + g] = grid.scale;
      zeros[r * groups + g] = grid.zero;
    }
  return { scales, zeros };
}
