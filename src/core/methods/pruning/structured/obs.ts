import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { gramColumn } from '../../../linalg/packed.ts';
import type { MethodContext } from '../../contract.ts';
import { blockError, diagonalBlocks } from './blocks.ts';
import type { Elimination } from './elimination.ts';
import type { InverseFactor } from './gram.ts';
import type { Units } from './units.ts';

/** Everything is still there. `columns` is changed from now on. */
export function beginElimination(
  columns: Float64Array,
  outFeatures: number,
  units: Units,
  factor: InverseFactor,
): Elimination {
  const alive = new Uint8Array(units.count).fill(1);
  const blocks = diagonalBlocks(factor, units);
  return { columns, outFeatures, units, factor, pivots: [], blocks, alive };
}

/**
 * Structured optimal brain surgeon: the unit whose loss costs least, given those that went before, goes next, until
 * `keep` are left (as many in each stratum); what stays is updated exactly each time:
 *   error of unit S = tr(W_S·([H⁻¹]_SS)⁻¹·W_Sᵀ),  W ← W − W_S·([H⁻¹]_SS)⁻¹·[H⁻¹]_S:,  H⁻¹ ← H⁻¹ without S.
 * Costs n²/3 + n·(t + 2·out) multiplications for the t-th of n columns. Returns the units in the order they went.
 * Source: ZipLM (Kurtic et al. 2023), eq. 3 and 4, with the update of H⁻¹ kept as a sum of outer products.
 */
export function eliminateCheapest(
  state: Elimination,
  keep: number,
  context: Pick<MethodContext, 'signal' | 'progress'> = {},
): number[] {
  const { count, strata = 1 } = state.units;
  const left = new Array<number>(strata).fill((count - keep) / strata);
  const order: number[] = [];
  while (order.length < count - keep) {
    throwIfCancelled(context.signal);
    const unit = cheapest(state, left);
    eliminate(state, unit);
    left[stratumOf(state.units, unit)]--;
    order.push(unit);
    context.progress?.(order.length / (count - keep));
  }
  return order;
}

/** {@link eliminateCheapest} for units that were chosen otherwise: least squares on the columns that stay. */
export function eliminateChosen(
  state: Elimination,
  chosen: readonly number[],
  context: Pick<MethodContext, 'signal' | 'progress'> = {},
): void {
  for (const [i, unit] of chosen.entries()) {
    throwIfCancelled(context.signal);
    eliminate(state, unit);
    context.progress?.((i + 1) / chosen.length);
  }
}

/** What each unit's loss would cost now; Infinity for those that are gone. */
export function unitErrors(state: Elimination): Float64Array {
  return Float64Array.from({ length: state.units.count }, (_, unit) =>
    state.alive[unit] === 1 ? blockError(state, unit) : Infinity,
  );
}

function stratumOf({ count, strata = 1 }: Units, unit: number): number {
  return Math.floor(unit / (count / strata));
}

function cheapest(state: Elimination, left: readonly number[]): number {
  const errors = unitErrors(state);
  let best = -1;
  for (let unit = 0; unit < errors.length; unit++) {
    if (state.alive[unit] === 0 || left[stratumOf(state.units, unit)] === 0) continue;
    if (best < 0 || errors[unit] < errors[best]) best = unit;
  }
  return best;
}

/** The columns of a unit go one by one: that is exact, as each update accounts for those before. */
function eliminate(state: Elimination, unit: number): void {
  const { size } = state.units;
  for (let c = 0; c < size; c++) eliminateColumn(state, unit * size + c);
  state.alive[unit] = 0;
}

function eliminateColumn(state: Elimination, j: number): void {
  const { columns, outFeatures, pivots } = state;
  const p = inverseColumn(state, j);
  const root = Math.sqrt(p[j]);
  for (let c = 0; c < p.length; c++) p[c] /= root;
  const start = j * outFeatures;
  const gone = columns.slice(start, start + outFeatures);
  for (let r = 0; r < outFeatures; r++) gone[r] /= root;
  columns.fill(0, start, start + outFeatures);
  updateColumns(state, p, gone, j);
  updateBlocks(state, p);
  pivots.push(p);
}

/** Column j of H⁻¹ as it is now. */
function inverseColumn({ factor, pivots }: Elimination, j: number): Float64Array {
  const column = gramColumn(factor.values, factor.columns, j);
  for (const p of pivots) {
    const own = p[j];
    for (let c = 0; c < column.length; c++) column[c] -= own * p[c];
  }
  return column;
}

/** W_:c −= (W_:j/√h_jj)·p_c for every column that is still there, those of the unit that is going, too. */
function updateColumns(
  { columns, outFeatures, units, alive }: Elimination,
  p: Float64Array,
  gone: Float64Array,
  j: number,
): void {
  for (let c = 0; c < p.length; c++) {
    if (alive[Math.floor(c / units.size)] === 0 || isGone(c, j, units.size)) continue;
    const [start, by] = [c * outFeatures, p[c]];
    for (let r = 0; r < outFeatures; r++) columns[start + r] -= by * gone[r];
  }
}

/** Column c goes with j, and went before it. */
function isGone(c: number, j: number, size: number): boolean {
  return c <= j && Math.floor(c / size) === Math.floor(j / size);
}

function updateBlocks({ blocks, units: { count, size } }: Elimination, p: Float64Array): void {
  for (let unit = 0, at = 0; unit < count; unit++) {
    for (let a = 0; a < size; a++) {
      const own = p[unit * size + a];
      for (let b = 0; b < size; b++, at++) blocks[at] -= own * p[unit * size + b];
    }
  }
}
