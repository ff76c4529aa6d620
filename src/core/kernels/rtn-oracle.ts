import { gridOf } from './clip-oracle.ts';
import { encode } from './grid-of-span.ts';
import {
  groupsPerRow,
  maxCode,
  type Grids,
  type UniformCodes,
  type UniformOptions,
} from './uniform.ts';

export { encode };

/**
 * Round-to-nearest in plain TypeScript, the oracle of `quantizeUniform`: same rounding of every
 * operation (float32), so the WASM kernel must agree bit for bit.
 */
export function quantizeUniformOracle(
  values: Float32Array,
  rows: number,
  columns: number,
  options: UniformOptions,
): UniformCodes {
  const { groupSize, range, bits } = options;
  const { scales, zeros } = findGridsOracle(values, rows, columns, options);
  const groups = groupsPerRow(columns, groupSize);
  const codes = new Uint8Array(rows * columns);
  for (let i = 0; i < codes.length; i++) {
    const at = Math.floor(i / columns) * groups + Math.floor((i % columns) / groupSize);
    const grid = { scale: scales[at], zero: zeros[at] };
    codes[i] = encode(values[i], grid, range, maxCode(bits));
  }
  return range === 'minmax' ? { codes, scales, zeros } : { codes, scales };
}

/** Oracle of `findGrids`. */
export function findGridsOracle(
  values: Float32Array,
  rows: number,
  columns: number,
  options: UniformOptions,
): Grids {
  const { groupSize, importance } = options;
  const groups = groupsPerRow(columns, groupSize);
  const scales = new Float32Array(rows * groups);
  const zeros = new Uint8Array(rows * groups);
  for (let r = 0; r < rows; r++)
    for (let g = 0; g < groups; g++) {
      const [first, last] = [g * groupSize, Math.min(columns, (g + 1) * groupSize)];
      const group = { values, start: r * columns + first, end: r * columns + last };
      const grid = gridOf({ ...group, importance: importance?.subarray(first, last) }, options);
      scales[r * groups + g] = grid.scale;
      zeros[r * groups + g] = grid.zero;
    }
  return { scales, zeros };
}
