import type { Shape } from '../../../encodings/index.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { quantizeUniform } from '../../../kernels/rtn.ts';
import type { QatOptions } from './meta.ts';

/** Grids that training begins with: one scale per group, and one zero where they are asymmetric. */
export interface Start {
  readonly scales: Float32Array;
  readonly zeros?: Float32Array;
}

/** The grids of round-to-nearest, or the best three values, of a matrix whose rows lie in whole groups. */
export function startOf(
  values: Float32Array,
  { rows, columns }: Shape,
  groupSize: number,
  { bits, ternary, symmetric, clip }: QatOptions,
): Start {
  if (ternary) return { scales: ternaryScales(values, columns, groupSize) };
  const range = symmetric ? 'signed-max' : 'minmax';
  const found = quantizeUniform(values, rows, columns, { bits, groupSize, range, clip });
  const scales = found.scales.map((scale) => (scale === 0 ? SMALLEST : scale));
  return { scales, ...(found.zeros && { zeros: Float32Array.from(found.zeros) }) };
}

/** A group of zeros has no step of its own; any step makes zeros of it. */
const SMALLEST = 2 ** -20;

/** Rounds of the alternation below; it stands still after three or four. */
const ROUNDS = 12;

/** argmin_s,q ‖w − s·q‖², q ∈ {−1, 0, 1}, by turns: q = round(w/s), s = wᵀq/qᵀq, from s = mean |w|. */
function ternaryScales(values: Float32Array, columns: number, groupSize: number): Float32Array {
  const scales: number[] = [];
  for (let row = 0; row < values.length; row += columns)
    for (let at = 0; at < columns; at += groupSize) {
      const group = values.subarray(row + at, row + Math.min(at + groupSize, columns));
      scales.push(ternaryScale(group));
    }
  return Float32Array.from(scales);
}

function ternaryScale(group: Float32Array): number {
  let scale = group.reduce((sum, w) => sum + Math.abs(w), 0) / group.length;
  if (!Number.isFinite(scale)) throw notFinite();
  for (let round = 0; round < ROUNDS && scale > 0; round++) {
    const kept = group.filter((w) => Math.abs(w) > scale / 2);
    const next = kept.reduce((sum, w) => sum + Math.abs(w), 0) / kept.length;
    if (next === scale) break;
    scale = next;
  }
  return scale > SMALLEST ? scale : SMALLEST;
}

function notFinite(): LatheError {
  return new LatheError(
    'weight-not-finite',
    'This weight holds a value that is not a finite number, so it has no grid: repair or re-export the model, or leave this layer out.',
  );
}
