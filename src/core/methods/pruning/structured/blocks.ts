import { rowStart } from '../../../linalg/packed.ts';
import type { InverseFactor } from './gram.ts';
import type { Elimination } from './elimination.ts';
import type { Units } from './units.ts';

/** The blocks [H⁻¹]_SS of all units, [count, size, size], of H⁻¹ = MᵀM. */
export function diagonalBlocks(
  { values, columns }: InverseFactor,
  { count, size }: Units,
): Float64Array {
  const blocks = new Float64Array(count * size * size);
  for (let i = 0; i < columns; i++) {
    const row = rowStart(i);
    for (let unit = 0; unit * size <= i; unit++) {
      const first = unit * size;
      const last = Math.min(i, first + size - 1);
      for (let a = first; a <= last; a++)
        for (let b = first; b <= last; b++)
          blocks[unit * size * size + (a - first) * size + b - first] +=
            values[row + a] * values[row + b];
    }
  }
  return blocks;
}

/** tr(W_S·B⁻¹·W_Sᵀ) with the unit's block B of H⁻¹: Σ_a ‖y_a‖²/d_a, y and d from eliminating B column by column. */
export function blockError(
  {
    blocks,
    columns,
    units,
    outFeatures,
  }: Pick<Elimination, 'blocks' | 'columns' | 'units' | 'outFeatures'>,
  unit: number,
): number {
  const { size } = units;
  const from = unit * size * outFeatures;
  if (size === 1) return squares(columns, from, outFeatures) / blocks[unit];
  const block = blocks.slice(unit * size * size, (unit + 1) * size * size);
  const weight = columns.slice(from, from + size * outFeatures);
  let error = 0;
  for (let a = 0; a < size; a++) {
    const pivot = block[a * size + a];
    error += squares(weight, a * outFeatures, outFeatures) / pivot;
    for (let b = a + 1; b < size; b++) {
      const factor = block[b * size + a] / pivot;
      for (let c = a + 1; c < size; c++) block[b * size + c] -= factor * block[a * size + c];
      for (let r = 0; r < outFeatures; r++)
        weight[b * outFeatures + r] -= factor * weight[a * outFeatures + r];
    }
  }
  return error;
}

function squares(values: Float64Array, from: number, length: number): number {
  let sum = 0;
  for (let i = from; i < from + length; i++) sum += values[i] * values[i];
  return sum;
}
