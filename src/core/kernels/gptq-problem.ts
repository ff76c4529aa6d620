import { LatheError } from '../errors/lathe-error.ts';
import { findGrids } from './rtn.ts';
import type { Grids, UniformCodes, UniformOptions } from './uniform.ts';

export interface GptqOptions extends UniformOptions {
  /** Columns handled between two updates of the rest; 128 in the paper. */
  readonly blockSize?: number;
  /** Share of the mean diagonal of H that is added to the diagonal; 0.01 in the paper. */
  readonly damping?: number;
  /** Columns in order of falling diag(H) (`act_order`, `desc_act`). */
  readonly actOrder?: boolean;
  /** Grids of all groups from the untouched W, in the original column order. */
  readonly staticGroups?: boolean;
}

export interface GptqHooks {
  readonly signal?: AbortSignal;
  /** Fraction done, 0…1. */
  readonly progress?: (fraction: number) => void;
}

export interface GptqResult extends UniformCodes {
  /** Ŵ [rows, columns]. */
  readonly quantized: Float32Array;
  /** The damping that was used: larger than asked when H could not be factored with that. */
  readonly damping: number;
  /**
   * Group of every column. Absent when it is ⌊c / groupSize⌋; present for `actOrder` with dynamic
   * groups, whose groups are made of columns in activation order.
   */
  readonly groupIndex?: Uint32Array;
}

/** What every method starts from that goes through W column by column. */
export interface ColumnProblem {
  readonly rows: number;
  readonly columns: number;
  /** order[j] = original index of the j-th column worked on. */
  readonly order: Uint32Array;
  /** 1 where the original column was never active (H_jj = 0). */
  readonly dead: Uint8Array;
  /** Mean of diag(H), dead entries counted as 1. */
  readonly meanDiagonal: number;
  readonly blockSize: number;
}

/** What both solvers start from; columns are in the order they will be quantized. */
export interface GptqProblem extends ColumnProblem {
  readonly groupSize: number;
  readonly groups: number;
  /** Group of the j-th column quantized. */
  readonly groupOf: Uint32Array;
  /** Grids known before the sweep (per channel, static groups); absent for dynamic groups. */
  readonly grids?: Grids;
}

/** Damping may grow this far before GPTQ gives up. */
const DAMPING_LIMIT = 10;

/** Reads H's diagonal and the options: dead columns, order, groups, grids. */
export function gptqProblem(
  weight: Float32Array,
  h: Float32Array,
  rows: number,
  columns: number,
  options: GptqOptions,
): GptqProblem {
  const problem = columnProblem(h, rows, columns, options);
  const { order, dead } = problem;
  const groupSize = Math.min(options.groupSize, columns);
  const perChannel = groupSize === columns;
  const fixed = perChannel || (options.staticGroups ?? false);
  return {
    ...problem,
    groupSize,
    groups: Math.ceil(columns / groupSize),
    groupOf: order.map((original, j) => Math.floor((fixed ? original : j) / groupSize)),
    grids: fixed ? fixedGrids(weight, rows, columns, dead, perChannel, options) : undefined,
  };
}

/** Reads H's diagonal: dead columns and order. */
export function columnProblem(
  h: Float32Array,
  rows: number,
  columns: number,
  options: Pick<GptqOptions, 'actOrder' | 'blockSize'>,
): ColumnProblem {
  const diagonal = Float32Array.from({ length: columns }, (_, j) => h[j * columns + j]);
  const dead = Uint8Array.from(diagonal, (d) => (d === 0 ? 1 : 0));
  for (let j = 0; j < columns; j++) if (dead[j] === 1) diagonal[j] = 1;
  return {
    rows,
    columns,
    order: columnOrder(diagonal, options.actOrder ?? false),
    dead,
    meanDiagonal: diagonal.reduce((a, b) => a + b, 0) / columns,
    blockSize: Math.min(options.blockSize ?? 128, columns),
  };
}

/** W with dead columns zeroed, columns in quantization order. */
export function orderedWeight(weight: Float32Array, problem: ColumnProblem): Float32Array {
  const { rows, columns, order, dead } = problem;
  const w = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let j = 0; j < columns; j++)
      if (dead[order[j]] === 0) w[r * columns + j] = weight[r * columns + order[j]];
  return w;
}

/** Calls `factor` with growing damping until H + damping·mean(diag)·I can be factored. */
export function factorWithDamping(
  problem: Pick<ColumnProblem, 'columns' | 'meanDiagonal'>,
  options: { readonly damping?: number },
  factor: (addend: number) => number,
): number {
  let damping = options.damping ?? 0.01;
  for (;;) {
    const pivot = factor(damping * problem.meanDiagonal);
    if (pivot < 0) return damping;
    if (damping >= DAMPING_LIMIT || !Number.isFinite(problem.meanDiagonal))
      throw hessianUnusable(problem.columns, damping);
    damping = Math.max(damping, 0.001) * 10;
  }
}

/** Column c belongs to ⌊c / groupSize⌋ unless dynamic groups follow the activation order. */
export function groupIndexOf(problem: GptqProblem, options: GptqOptions): Uint32Array | undefined {
  if (problem.grids !== undefined || !(options.actOrder ?? false)) return undefined;
  const index = new Uint32Array(problem.columns);
  for (let j = 0; j < problem.columns; j++) index[problem.order[j]] = problem.groupOf[j];
  return index;
}

/** Largest diagonal first; equals keep their order, so the result does not depend on the engine. */
function columnOrder(diagonal: Float32Array, actOrder: boolean): Uint32Array {
  const order = Uint32Array.from(diagonal, (_, j) => j);
  return actOrder ? order.sort((a, b) => diagonal[b] - diagonal[a] || a - b) : order;
}

/**
 * Per channel, the reference takes the grid before it zeroes dead columns; static groups after.
 */
function fixedGrids(
  weight: Float32Array,
  rows: number,
  columns: number,
  dead: Uint8Array,
  perChannel: boolean,
  options: GptqOptions,
): Grids {
  if (perChannel) return findGrids(weight, rows, columns, { ...options, groupSize: columns });
  const w = weight.map((value, i) => (dead[i % columns] === 1 ? 0 : value));
  return findGrids(w, rows, columns, options);
}

function hessianUnusable(columns: number, damping: number): LatheError {
  return new LatheError(
    'hessian-not-positive-definite',
    `The ${columns}×${columns} second moments could not be factored even with damping ${damping}: they are damaged or hold values that are not numbers; collect the statistics again with more calibration rows.`,
    { columns, damping },
  );
}
