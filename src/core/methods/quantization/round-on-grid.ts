import type { Coded } from '../../encodings/index.ts';
import { nearestScale, nearestZero } from '../../kernels/grid-levels.ts';
import { findGrids } from '../../kernels/rtn.ts';
import type { GivenGrids } from '../../kernels/sweep-grids.ts';
import { maxCode, type UniformOptions } from '../../kernels/uniform.ts';
import type { LayerWeight } from '../contract.ts';
import { storedGrid, type StoredGrid } from './stored-grid.ts';

/** Codes on a grid that can be stored. */
export interface RoundedCodes extends GivenGrids {
  readonly codes: Uint8Array;
}

/**
 * Round to nearest where scales or zeros are coded themselves: the grid of each group becomes the nearest that can be
 * stored, then code = clamp(⌊w / scale + zero + ½⌋, 0, 2^bits − 1) on that. Returns the form with it.
 */
export function roundOnGrid(
  weight: LayerWeight,
  planned: Coded,
  options: UniformOptions,
): { readonly form: Coded; readonly found: RoundedCodes } {
  const grid = storedGrid(weight, planned, options.bits);
  const { values, layer } = weight;
  // One grid for everything is that of one long row.
  const whole = planned.granularity === 'tensor';
  const columns = whole ? values.length : layer.inFeatures;
  const own = { ...options, groupSize: whole ? columns : planned.groupSize };
  const grids = storable(findGrids(values, values.length / columns, columns, own), grid);
  return { form: grid.form, found: { ...grids, codes: codesOn(grids, values, columns, own) } };
}

/** Grids as they can be stored. */
export function storable({ scales, zeros }: GivenGrids, { levels }: StoredGrid): GivenGrids {
  return {
    scales: scales.map((scale, at) => nearestScale(levels, at, scale)),
    zeros: Float32Array.from(zeros, (zero) => nearestZero(levels, zero)),
  };
}

function codesOn(
  { scales, zeros }: GivenGrids,
  values: Float32Array,
  columns: number,
  { bits, groupSize }: UniformOptions,
): Uint8Array {
  const groups = Math.ceil(columns / groupSize);
  const top = maxCode(bits);
  return Uint8Array.from(values, (value, i) => {
    const at = Math.floor(i / columns) * groups + Math.floor((i % columns) / groupSize);
    const place = scales[at] === 0 ? zeros[at] : value / scales[at] + zeros[at];
    return Math.min(top, Math.max(0, Math.floor(place + 0.5)));
  });
}
