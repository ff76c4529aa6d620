import { throwIfCancelled } from '../errors/lathe-error.ts';
import { gemm } from './gemm.ts';
import { withMover, type GradientMover } from './gradient-mover.ts';
import { nearestScale, nearestZero, type GridLevels } from './grid-levels.ts';
import { columnProblem, type GptqHooks } from './gptq-problem.ts';
import { maxCode } from './uniform.ts';

/** Codes on a grid, and the grid. */
export interface RefinedCodes {
  /** [rows, columns] */
  readonly codes: Uint8Array;
  /** [rows, groups] */
  readonly scales: Float32Array;
  readonly zeros: Uint8Array | Float32Array;
}

export interface RefineOptions extends GridLevels {
  /** How often all codes and grids of a row are gone through at most. */
  readonly rounds: number;
  /** Share of the mean diagonal of H on its diagonal: as in the sweep before. */
  readonly damping: number;
}

/** Rows whose gradients are computed at once. */
const WINDOW = 256;

/** Rows between two looks at whether somebody cancelled. */
const ROWS_AT_ONCE = 16;

/** A code moves only where it gains more than rounding of the gradient could make up, in shares of a step. */
const MARGIN = 1e-3;

/**
 * Coordinate descent on tr (W − Ŵ)(H + λI)(W − Ŵ)ᵀ: in turn the scale and zero of each group become the best that can
 * be stored while its codes stay (least squares along one line), and each code becomes the best while all else stays.
 * Every step lowers the error, so the result is never worse than what it starts from. Ends before `rounds` where
 * nothing moves. As the second half of LNQ (Kim et al. 2025, arXiv 2505.07004) and CDQuant (Nair and Suggala 2024,
 * arXiv 2406.17542). Columns never active (H_jj = 0) keep their codes. Throws `cancelled`.
 */
export function refine(
  weight: Float32Array,
  rows: number,
  columns: number,
  h: Float32Array,
  found: RefinedCodes,
  options: RefineOptions,
  hooks: GptqHooks = {},
): RefinedCodes {
  const problem = columnProblem(h, rows, columns, { order: 'columns' });
  const damped = Float32Array.from(h);
  for (let j = 0; j < columns; j++) {
    damped[j * (columns + 1)] += options.damping * problem.meanDiagonal;
  }
  const refined = {
    codes: found.codes.slice(),
    scales: found.scales.slice(),
    zeros: found.zeros.slice(),
  };
  const descent = new Descent(columns, damped, problem.dead, refined, options);
  for (let first = 0; first < rows; first += WINDOW) {
    const end = Math.min(rows, first + WINDOW);
    const gradients = gemm(end - first, columns, columns, descent.lost(weight, first, end), damped);
    withMover(damped, columns, (mover) => {
      for (let r = first; r < end; r++) {
        if (r % ROWS_AT_ONCE === 0) throwIfCancelled(hooks.signal);
        mover.gradient.set(gradients.subarray((r - first) * columns, (r - first + 1) * columns));
        descent.row(r, mover);
        hooks.progress?.((r + 1) / rows);
      }
    });
  }
  return refined;
}

/** One row at a time; `level` is code − zero, the gradient (w − ŵ)·H. */
class Descent {
  readonly #groups: number;
  readonly #level: Float64Array;
  /** The gradient of one group's columns. */
  readonly #own: Float64Array;
  /** Σ_k∈group H_jk of each column j, and their sums by group. */
  readonly #rowSums: Float64Array;
  readonly #groupSums: Float64Array;

  constructor(
    private readonly columns: number,
    private readonly h: Float32Array,
    private readonly dead: Uint8Array,
    private readonly found: RefinedCodes,
    private readonly options: RefineOptions,
  ) {
    this.#groups = Math.ceil(columns / options.groupSize);
    this.#level = new Float64Array(columns);
    this.#own = new Float64Array(options.groupSize);
    this.#rowSums = new Float64Array(columns);
    this.#groupSums = new Float64Array(this.#groups);
    for (let g = 0; g < this.#groups; g++) {
      const { from, end } = this.#columnsOf(g);
      for (let j = from; j < end; j++) {
        for (let k = from; k < end; k++) this.#rowSums[j] += h[j * columns + k];
        this.#groupSums[g] += this.#rowSums[j];
      }
    }
  }

  /** W − Ŵ of rows [first, end). */
  lost(weight: Float32Array, first: number, end: number): Float32Array {
    const { columns, dead } = this;
    const lost = weight.slice(first * columns, end * columns);
    for (let r = first; r < end; r++) {
      this.#load(r);
      for (let j = 0; j < columns; j++) {
        const at = (r - first) * columns + j;
        const scale = this.found.scales[this.#at(r, Math.floor(j / this.options.groupSize))];
        lost[at] = dead[j] === 1 ? 0 : lost[at] - scale * this.#level[j];
      }
    }
    return lost;
  }

  /** All rounds of a row whose gradient is in the mover. */
  row(row: number, mover: GradientMover): void {
    this.#load(row);
    for (let round = 0; round < this.options.rounds; round++) {
      let moved = 0;
      for (let g = 0; g < this.#groups; g++) moved += this.#moveGrid(row, g, mover);
      for (let g = 0; g < this.#groups; g++) moved += this.#moveCodes(row, g, mover);
      if (moved === 0) return;
    }
  }

  #at(row: number, group: number): number {
    return row * this.#groups + group;
  }

  #columnsOf(group: number): { from: number; end: number } {
    const { groupSize } = this.options;
    return { from: group * groupSize, end: Math.min(this.columns, (group + 1) * groupSize) };
  }

  #load(row: number): void {
    const { codes, zeros } = this.found;
    for (let g = 0; g < this.#groups; g++) {
      const { from, end } = this.#columnsOf(g);
      const zero = zeros[this.#at(row, g)];
      for (let j = from; j < end; j++) this.#level[j] = codes[row * this.columns + j] - zero;
    }
  }

  /**
   * Each code of a group to the one nearest to ŵ_j + gradient_j / H_jj. Inside the group the gradient follows every
   * code; the other columns hear of all of them together.
   */
  #moveCodes(row: number, group: number, { gradient, deltas, move }: GradientMover): number {
    const { columns, h, dead } = this;
    const { codes, scales, zeros } = this.found;
    const at = this.#at(row, group);
    const [scale, zero] = [scales[at], zeros[at]];
    const { from, end } = this.#columnsOf(group);
    if (scale === 0) return 0;
    const top = maxCode(this.options.bits);
    const own = this.#own;
    for (let j = from; j < end; j++) own[j - from] = gradient[j];
    let moved = 0;
    for (let j = from; j < end; j++) {
      deltas[j - from] = 0;
      if (dead[j] === 1) continue;
      const old = codes[row * columns + j];
      const wished = old + own[j - from] / (h[j * (columns + 1)] * scale);
      const code = Math.min(top, Math.max(0, Math.round(wished)));
      if (Math.abs(old - wished) - Math.abs(code - wished) <= MARGIN) continue;
      codes[row * columns + j] = code;
      this.#level[j] = code - zero;
      const by = scale * (code - old);
      deltas[j - from] = by;
      for (let k = from; k < end; k++) own[k - from] -= by * h[j * columns + k];
      moved++;
    }
    if (moved > 0) move(from, end - from);
    return moved;
  }

  /** The scale and zero of a group, its codes as they are: the best of a few along the lines of least squares. */
  #moveGrid(row: number, group: number, { gradient, deltas, move }: GradientMover): number {
    const { scales, zeros } = this.found;
    const at = this.#at(row, group);
    const [scale, zero] = [scales[at], zeros[at]];
    const sums = this.#sumsOf(group, gradient);
    if (sums.levelLevel <= 0 || scale === 0) return 0;
    let best = { scale, zero, gain: MARGIN * MARGIN * scale * scale * sums.levelLevel };
    for (const candidate of this.#candidates(at, sums)) {
      const gain = gainOf(candidate, { scale, zero }, sums);
      if (gain > best.gain) best = { ...candidate, gain };
    }
    if (best.scale === scale && best.zero === zero) return 0;
    scales[at] = best.scale;
    zeros[at] = best.zero;
    const { from, end } = this.#columnsOf(group);
    for (let j = from; j < end; j++) {
      const old = scale * this.#level[j];
      this.#level[j] += zero - best.zero;
      deltas[j - from] = best.scale * this.#level[j] - old;
    }
    move(from, end - from);
    return 1;
  }

  *#candidates(at: number, sums: Sums): Generator<Grid> {
    const { options } = this;
    const { scales, zeros } = this.found;
    const [scale, zero] = [scales[at], zeros[at]];
    yield { scale: nearestScale(options, at, scale + sums.level / sums.levelLevel), zero };
    if (options.zeros === undefined) return;
    const step = options.zeros[1] - options.zeros[0];
    const wished = zero - sums.one / sums.oneOne / scale;
    for (const next of [zero - step, zero + step, wished]) {
      const other = nearestZero(options, next);
      yield { scale, zero: other };
      const best = scaleFor(zero - other, scale, sums);
      if (Number.isFinite(best)) yield { scale: nearestScale(options, at, best), zero: other };
    }
  }

  #sumsOf(group: number, gradient: Float32Array): Sums {
    const { columns, h } = this;
    const level = this.#level;
    const { from, end } = this.#columnsOf(group);
    const sums = { level: 0, one: 0, levelLevel: 0, levelOne: 0, oneOne: this.#groupSums[group] };
    for (let j = from; j < end; j++) {
      let product = 0;
      for (let k = from; k < end; k++) product += h[j * columns + k] * level[k];
      sums.level += level[j] * gradient[j];
      sums.one += gradient[j];
      sums.levelLevel += level[j] * product;
      sums.levelOne += level[j] * this.#rowSums[j];
    }
    return sums;
  }
}

interface Grid {
  readonly scale: number;
  readonly zero: number;
}

/** Of a group: l = code − zero, 1 = all ones, g = the gradient, H = the group's own block. */
interface Sums {
  /** lᵀg */
  readonly level: number;
  /** 1ᵀg */
  readonly one: number;
  /** lᵀHl */
  readonly levelLevel: number;
  /** lᵀH1 */
  readonly levelOne: number;
  /** 1ᵀH1 */
  readonly oneOne: number;
}

/** By how much the error falls when ŵ = old.scale·l becomes scale·(l + old.zero − zero). */
function gainOf({ scale, zero }: Grid, old: Grid, sums: Sums): number {
  const [a, b] = [scale - old.scale, scale * (old.zero - zero)];
  const { level, one, levelLevel, levelOne, oneOne } = sums;
  return 2 * (a * level + b * one) - a * a * levelLevel - 2 * a * b * levelOne - b * b * oneOne;
}

/** The best scale when l becomes l + d: lᵀ(g + H·old·l) over lᵀHl, both of the new l. */
function scaleFor(d: number, old: number, sums: Sums): number {
  const { level, one, levelLevel, levelOne, oneOne } = sums;
  const numerator = level + d * one + old * (levelLevel + d * levelOne);
  return numerator / (levelLevel + 2 * d * levelOne + d * d * oneOne);
}
