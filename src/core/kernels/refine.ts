import { throwIfCancelled } from '../errors/lathe-error.ts';
import { gemm } from './gemm.ts';
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
const WINDOW = 64;

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
  for (let r = 0; r < rows; r += WINDOW) {
    throwIfCancelled(hooks.signal);
    hooks.progress?.(r / rows);
    descent.rows(weight, r, Math.min(rows, r + WINDOW));
  }
  hooks.progress?.(1);
  return refined;
}

/** One row at a time; `level` is code − zero, `gradient` is (w − ŵ)·H. */
class Descent {
  readonly #groups: number;
  readonly #level: Float64Array;
  readonly #hat: Float64Array;
  readonly #gradient: Float64Array;
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
    [this.#level, this.#hat, this.#gradient] = [0, 1, 2].map(() => new Float64Array(columns));
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

  /** All rows [from, end) of W. */
  rows(weight: Float32Array, from: number, end: number): void {
    const { columns, dead } = this;
    const lost = weight.slice(from * columns, end * columns);
    for (let r = from; r < end; r++) {
      this.#load(r);
      for (let j = 0; j < columns; j++) {
        const at = (r - from) * columns + j;
        lost[at] = dead[j] === 1 ? 0 : lost[at] - this.#hat[j];
      }
    }
    const gradients = gemm(end - from, columns, columns, lost, this.h);
    for (let r = from; r < end; r++) {
      this.#load(r);
      this.#gradient.set(gradients.subarray((r - from) * columns, (r - from + 1) * columns));
      this.#descend(r);
    }
  }

  #columnsOf(group: number): { from: number; end: number } {
    const { groupSize } = this.options;
    return { from: group * groupSize, end: Math.min(this.columns, (group + 1) * groupSize) };
  }

  #load(row: number): void {
    const { codes, scales, zeros } = this.found;
    for (let g = 0; g < this.#groups; g++) {
      const at = row * this.#groups + g;
      const { from, end } = this.#columnsOf(g);
      for (let j = from; j < end; j++) {
        this.#level[j] = codes[row * this.columns + j] - zeros[at];
        this.#hat[j] = scales[at] * this.#level[j];
      }
    }
  }

  #descend(row: number): void {
    for (let round = 0; round < this.options.rounds; round++) {
      let moved = 0;
      for (let g = 0; g < this.#groups; g++) moved += this.#moveGrid(row, g);
      for (let g = 0; g < this.#groups; g++) moved += this.#moveCodes(row, g);
      if (moved === 0) return;
    }
  }

  /** ŵ_j becomes `to`. */
  #move(j: number, to: number): void {
    const { columns, h } = this;
    const gradient = this.#gradient;
    const by = to - this.#hat[j];
    this.#hat[j] = to;
    if (by === 0) return;
    const row = j * columns;
    for (let k = 0; k < columns; k++) gradient[k] -= by * h[row + k];
  }

  /** Each code of a group to the one nearest to ŵ_j + gradient_j / H_jj. */
  #moveCodes(row: number, group: number): number {
    const { columns, h, dead } = this;
    const { codes, scales, zeros } = this.found;
    const at = row * this.#groups + group;
    const [scale, zero] = [scales[at], zeros[at]];
    if (scale === 0) return 0;
    const top = maxCode(this.options.bits);
    const { from, end } = this.#columnsOf(group);
    let moved = 0;
    for (let j = from; j < end; j++) {
      if (dead[j] === 1) continue;
      const wished = (this.#hat[j] + this.#gradient[j] / h[j * (columns + 1)]) / scale + zero;
      const code = Math.min(top, Math.max(0, Math.round(wished)));
      const old = codes[row * columns + j];
      if (Math.abs(old - wished) - Math.abs(code - wished) <= MARGIN) continue;
      codes[row * columns + j] = code;
      this.#level[j] = code - zero;
      this.#move(j, scale * this.#level[j]);
      moved++;
    }
    return moved;
  }

  /** The scale and zero of a group, its codes as they are: the best of a few along the lines of least squares. */
  #moveGrid(row: number, group: number): number {
    const { scales, zeros } = this.found;
    const at = row * this.#groups + group;
    const [scale, zero] = [scales[at], zeros[at]];
    const sums = this.#sumsOf(group);
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
      this.#level[j] += zero - best.zero;
      this.#move(j, best.scale * this.#level[j]);
    }
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

  #sumsOf(group: number): Sums {
    const { columns, h } = this;
    const [level, gradient] = [this.#level, this.#gradient];
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
