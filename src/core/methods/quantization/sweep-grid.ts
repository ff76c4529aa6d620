import type { Coded } from '../../encodings/index.ts';
import { nearestScale, nearestZero } from '../../kernels/grid-levels.ts';
import type { GptqOptions } from '../../kernels/gptq-problem.ts';
import { outputGrids } from '../../kernels/output-grids.ts';
import { findGrids } from '../../kernels/rtn.ts';
import type { FindGrid } from '../../kernels/sweep-grids.ts';
import type { Bits, UniformOptions } from '../../kernels/uniform.ts';
import type { LayerWeight } from '../contract.ts';
import { storable } from './round-on-grid.ts';
import { isPlainGrid, storedGrid, type StoredGrid } from './stored-grid.ts';

/** The part of a sweeping method's options that decides its grids. */
interface GridOptions {
  readonly bits: Bits;
  readonly symmetric: boolean;
  readonly clip: 'none' | 'mse' | 'output';
  readonly staticGroups: boolean;
  readonly refine?: number | undefined;
}

/** How a sweep finds its grids. */
interface SweepGrid {
  /** What the codes are to be filled into. */
  readonly form: Coded;
  readonly grid: UniformOptions;
  /** Absent options: grids are laid over the values by `grid`. */
  readonly search: Pick<GptqOptions, 'grids' | 'refine' | 'blockSize'>;
}

/** Groups up to this size are blocks of the sweep, so that each grid is found for the very values it will round. */
const LARGEST_BLOCK = 128;

/** Grids of a sweep that can be stored as planned, chosen as the options say. Throws `weight-not-finite`. */
export function sweepGrid(weight: LayerWeight, planned: Coded, options: GridOptions): SweepGrid {
  const { bits, symmetric, clip } = options;
  const { groupSize } = planned;
  const range = symmetric ? 'signed-max' : 'minmax';
  const grid = { bits, range, groupSize, clip: clip === 'output' ? 'none' : clip } as const;
  const rounds = options.refine ?? 0;
  if (isPlainGrid(planned) && clip !== 'output' && rounds === 0) {
    return { form: planned, grid, search: {} };
  }
  const stored = storedGrid(weight, planned, bits);
  const { form, levels } = stored;
  const search = {
    ...gridsOf(weight, stored, grid, options),
    ...(rounds > 0 && { refine: { rounds, levels } }),
  };
  return { form, grid, search };
}

function gridsOf(
  { layer, values }: LayerWeight,
  stored: StoredGrid,
  grid: UniformOptions,
  { clip, staticGroups }: GridOptions,
): Pick<GptqOptions, 'grids' | 'blockSize'> {
  const { outFeatures: rows, inFeatures: columns } = layer;
  const { groupSize } = grid;
  const groups = Math.ceil(columns / groupSize);
  if (clip === 'output') {
    const blockSize = Math.min(LARGEST_BLOCK, groupSize);
    return { grids: outputGrids(rows, groups, stored.levels), blockSize };
  }
  if (isPlainGrid(stored.form)) return {};
  if (staticGroups) return { grids: storable(findGrids(values, rows, columns, grid), stored) };
  return { grids: storableGrids(rows, groups, stored, grid) };
}

/** The grids that are laid over the values, as they can be stored. */
function storableGrids(
  rows: number,
  groups: number,
  { levels }: StoredGrid,
  grid: UniformOptions,
): FindGrid {
  return ({ group, columns: { length }, values }) => {
    const found = findGrids(values, rows, length, { ...grid, groupSize: length });
    const at = (r: number): number => r * groups + group;
    return {
      scales: found.scales.map((scale, r) => nearestScale(levels, at(r), scale)),
      zeros: Float32Array.from(found.zeros, (zero) => nearestZero(levels, zero)),
    };
  };
}
