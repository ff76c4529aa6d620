import {
  factorWithDamping,
  gptqProblem,
  groupIndexOf,
  orderedWeight,
  type ColumnProblem,
  type GptqOptions,
  type GptqProblem,
  type GptqResult,
} from './gptq-problem.ts';
import { encode } from './rtn-oracle.ts';
import type { GivenGrids } from './sweep-grids.ts';
import { maxCode } from './uniform.ts';

/**
 * GPTQ as the paper and the reference implementation write it (inverse Hessian, its upper Cholesky
 * factor U, column by column), in float64. Oracle of `gptq`, which never forms the inverse.
 */
export function gptqOracle(
  weight: Float32Array,
  rows: number,
  columns: number,
  h: Float32Array,
  options: GptqOptions,
): GptqResult {
  const problem = gptqProblem(weight, h, rows, columns, options);
  let u: Float64Array = new Float64Array(0);
  const damping = factorWithDamping(problem, options, (addend) => {
    const factored = inverseFactor(h, problem, addend);
    if (typeof factored === 'number') return factored;
    u = factored;
    return -1;
  });
  const sweep = new OracleSweep(orderedWeight(weight, problem), problem, options);
  for (let i1 = 0; i1 < columns; i1 += problem.blockSize)
    sweep.block(i1, Math.min(columns, i1 + problem.blockSize), u);
  return sweep.result(damping);
}

class OracleSweep {
  readonly #w: Float64Array;
  readonly #codes: Uint8Array;
  readonly #quantized: Float32Array;
  #grids: GivenGrids;
  readonly #problem: GptqProblem;
  readonly #options: GptqOptions;

  constructor(w: Float32Array, problem: GptqProblem, options: GptqOptions) {
    const { rows, columns, groups } = problem;
    this.#w = Float64Array.from(w);
    this.#codes = new Uint8Array(rows * columns);
    this.#quantized = new Float32Array(rows * columns);
    this.#grids = problem.grids ?? {
      scales: new Float32Array(rows * groups),
      zeros: new Uint8Array(rows * groups),
    };
    this.#problem = problem;
    this.#options = options;
  }

  block(i1: number, i2: number, u: Float64Array): void {
    const { rows, columns, groupSize } = this.#problem;
    if (this.#problem.grids === undefined)
      for (let c = Math.ceil(i1 / groupSize) * groupSize; c < i2; c += groupSize)
        this.#findGrid(c, u);
    const errors = new Float64Array(i2 - i1);
    for (let r = 0; r < rows; r++) {
      const w = this.#w.subarray(r * columns, (r + 1) * columns);
      for (let j = i1; j < i2; j++) {
        const error = (w[j] - this.#quantize(r, j, w[j])) / u[j * columns + j];
        for (let k = j; k < i2; k++) w[k] -= error * u[j * columns + k];
        errors[j - i1] = error;
      }
      for (let j = i1; j < i2; j++)
        for (let k = i2; k < columns; k++) w[k] -= errors[j - i1] * u[j * columns + k];
    }
  }

  result(damping: number): GptqResult {
    const { zeros, scales } = this.#grids;
    const groupIndex = groupIndexOf(this.#problem, this.#options);
    const out = { codes: this.#codes, scales, quantized: this.#quantized, damping, groupIndex };
    return this.#options.range === 'minmax' || this.#fractional ? { ...out, zeros } : out;
  }

  /** The reference takes a dynamic group's grid from W as it stands when its block begins. */
  #findGrid(start: number, u: Float64Array): void {
    const { rows, columns, groupSize, groups, groupOf, order } = this.#problem;
    const width = Math.min(groupSize, columns - start);
    const values = new Float32Array(rows * width);
    for (let r = 0; r < rows; r++)
      values.set(this.#w.subarray(r * columns + start, r * columns + start + width), r * width);
    const pivots = Float32Array.from({ length: width }, (_, j) => u[(start + j) * (columns + 1)]);
    const group = groupOf[start];
    const reached = { group, columns: order.slice(start, start + width), values, pivots };
    const found = this.#problem.findGrid(reached);
    if (found.zeros instanceof Float32Array)
      this.#grids = { ...this.#grids, zeros: Float32Array.from(this.#grids.zeros) };
    for (let r = 0; r < rows; r++) {
      this.#grids.scales[r * groups + group] = found.scales[r];
      this.#grids.zeros[r * groups + group] = found.zeros[r];
    }
  }

  #quantize(row: number, j: number, value: number): number {
    const { columns, groups, groupOf, order } = this.#problem;
    const { bits } = this.#options;
    const at = row * groups + groupOf[j];
    const scale = this.#grids.scales[at];
    const zero = this.#grids.zeros[at];
    const range = this.#fractional ? 'signed-max' : this.#options.range;
    const code = encode(Math.fround(value), { scale, zero }, range, maxCode(bits));
    this.#codes[row * columns + order[j]] = code;
    return (this.#quantized[row * columns + order[j]] = scale * (code - zero));
  }

  get #fractional(): boolean {
    return this.#grids.zeros instanceof Float32Array;
  }
}

/** Upper U with UᵀU = H⁻¹ of the ordered, damped H; or the pivot at which the factorisation failed. */
export function inverseFactor(
  h: Float32Array,
  p: ColumnProblem,
  addend: number,
): Float64Array | number {
  const n = p.columns;
  const r = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) r[i * n + j] = h[p.order[i] * n + p.order[j]];
  for (let i = 0; i < n; i++) r[i * n + i] = (p.dead[p.order[i]] === 1 ? 1 : r[i * n + i]) + addend;
  const l = lowerFactor(r, n);
  if (typeof l === 'number') return l;
  const lower = lowerFactor(symmetricInverse(l, n), n);
  if (typeof lower === 'number') return lower;
  const u = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) u[i * n + j] = lower[j * n + i];
  return u;
}

function lowerFactor(a: Float64Array, n: number): Float64Array | number {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i > j) l[i * n + j] = sum / l[j * n + j];
      else if (sum > 0) l[i * n + i] = Math.sqrt(sum);
      else return i;
    }
  return l;
}

/** (L·Lᵀ)⁻¹ from L. */
function symmetricInverse(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let c = 0; c < n; c++)
    for (let i = c; i < n; i++) {
      let sum = i === c ? 1 : 0;
      for (let k = c; k < i; k++) sum -= l[i * n + k] * inverse[k * n + c];
      inverse[i * n + c] = sum / l[i * n + i];
    }
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = Math.max(i, j); k < n; k++)
        out[i * n + j] += inverse[k * n + i] * inverse[k * n + j];
  return out;
}
