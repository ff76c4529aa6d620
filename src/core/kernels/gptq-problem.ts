import { LatheError } from '../errors/lathe-error.ts';
import { columnOrder, type ColumnOrder } from './column-order.ts';
import { findGrids } from './rtn.ts';
import type { FindGrid, GivenGrids } from './sweep-grids.ts';
import type { UniformCodes, UniformOptions } from './uniform.ts';

export interface GptqOptions extends UniformOptions {
  /**
   * Columns handled between two updates of the rest; 128 in the paper. Where grids are found by the caller a group at
   * most, so that each is found for W with all earlier errors moved onto it.
   */
  readonly blockSize?: number;
  /** Share of the mean diagonal of H that is added to the diagonal; 0.01 in the paper. */
  readonly damping?: number;
  /** `columns` unless said otherwise. */
  readonly order?: ColumnOrder;
  /** Grids of all groups from the untouched W, in the original column order. */
  readonly staticGroups?: boolean;
  /**
   * Grids of all groups [rows, groups], groups in the order of W; or what finds the grid of a group when the sweep
   * reaches it. Without it they are laid over the values by `range` and `clip`.
   */
  readonly grids?: GivenGrids | FindGrid;
}

export interface GptqHooks {
  readonly signal?: AbortSignal;
  /** Fraction done, 0…1. */
  readonly progress?: (fraction: number) => void;
}

export interface GptqResult extends Omit<UniformCodes, 'zeros'> {
  /** Same shape as scales; absent for symmetric ranges, whose zero is 2^(bits−1). Floats where such were given. */
  readonly zeros?: Uint8Array | Float32Array;
  /** Ŵ [rows, columns]. */
  readonly quantized: Float32Array;
  /** The damping that was used: larger than asked when H could not be factored with that. */
  readonly damping: number;
  /**
   * Group of every column. Absent when it is ⌊c / groupSize⌋; present for the order `activation` with
   * dynamic groups, whose groups are made of columns in that order.
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
  /** Grids known before the sweep (given, per channel, static groups); absent for dynamic groups. */
  readonly grids?: GivenGrids;
  /** The grid of a dynamic group. */
  readonly findGrid: FindGrid;
}

/** Columns between two updates in the paper. */
const BLOCK = 128;

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
  const groupSize = Math.min(options.groupSize, columns);
  const usual = typeof options.grids === 'function' ? Math.min(BLOCK, groupSize) : BLOCK;
  const { blockSize = usual } = options;
  const problem = columnProblem(h, rows, columns, { ...options, blockSize });
  const grids = knownGrids(weight, problem, options);
  // Only such groups are made of other columns than those that stand together in W.
  const scattered = grids === undefined && options.order === 'activation';
  const groupOf = problem.order.map((original, j) =>
    Math.floor((scattered ? j : original) / groupSize),
  );
  const groups = Math.ceil(columns / groupSize);
  return { ...problem, groupSize, groups, groupOf, grids, findGrid: findGridOf(rows, options) };
}

/** The grids of a sweep's dynamic groups: given, or laid over the values. */
function findGridOf(rows: number, options: GptqOptions): FindGrid {
  if (typeof options.grids === 'function') return options.grids;
  return ({ values, columns: { length } }) =>
    findGrids(values, rows, length, { ...options, groupSize: length });
}

/** Reads H's diagonal: dead columns and order. */
export function columnProblem(
  h: Float32Array,
  rows: number,
  columns: number,
  options: Pick<GptqOptions, 'order' | 'blockSize'> & { readonly groupSize?: number },
): ColumnProblem {
  const diagonal = Float32Array.from({ length: columns }, (_, j) => h[j * columns + j]);
  const dead = Uint8Array.from(diagonal, (d) => (d === 0 ? 1 : 0));
  for (let j = 0; j < columns; j++) if (dead[j] === 1) diagonal[j] = 1;
  return {
    rows,
    columns,
    order: columnOrder(diagonal, options.order ?? 'columns', options.groupSize ?? columns),
    dead,
    meanDiagonal: diagonal.reduce((a, b) => a + b, 0) / columns,
    blockSize: Math.min(options.blockSize ?? BLOCK, columns),
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
  // WHY before factoring: with infinities all pivots may be > 0, and what comes of them is not a number.
  if (!Number.isFinite(problem.meanDiagonal)) throw hessianUnusable(problem.columns, damping);
  for (;;) {
    const pivot = factor(damping * problem.meanDiagonal);
    if (pivot < 0) return damping;
    if (damping >= DAMPING_LIMIT) throw hessianUnusable(problem.columns, damping);
    damping = Math.max(damping, 0.001) * 10;
  }
}

/** Column c belongs to ⌊c / groupSize⌋ unless dynamic groups follow the activation order. */
export function groupIndexOf(problem: GptqProblem, options: GptqOptions): Uint32Array | undefined {
  if (problem.grids !== undefined || options.order !== 'activation') return undefined;
  const index = new Uint32Array(problem.columns);
  for (let j = 0; j < problem.columns; j++) index[problem.order[j]] = problem.groupOf[j];
  return index;
}

/**
 * Grids known before the sweep. Per channel, the reference takes the grid before it zeroes dead columns; static groups
 * after.
 */
function knownGrids(
  weight: Float32Array,
  { rows, columns, dead }: ColumnProblem,
  { grids, staticGroups = false, ...options }: GptqOptions,
): GivenGrids | undefined {
  if (grids !== undefined) return typeof grids === 'function' ? undefined : grids;
  if (options.groupSize >= columns)
    return findGrids(weight, rows, columns, { ...options, groupSize: columns });
  if (!staticGroups) return undefined;
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
