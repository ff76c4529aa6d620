import { throwIfCancelled } from '../errors/lathe-error.ts';
import type { AlpsProblem } from './alps-problem.ts';
import type { GptqHooks } from './gptq-problem.ts';
import { keepAllBut, keepLargestOfEach, type Pattern } from './select.ts';
import type { SpdSolver } from './spd-solver.ts';

/** Steps between two looks at how much the support moves, and the step from which little movement ends it. */
const [UPDATE, SETTLED] = [3, 30];
const FIRST_RHO = 0.1;
const MOST_RHO = 1e6;

/** Share of the progress that ADMM takes. */
const ADMM_SHARE = 0.9;

export interface AlpsShape {
  readonly rows: number;
  readonly columns: number;
  /** Weights that stay. */
  readonly keeps: number;
}

interface Settings {
  readonly pattern: Pattern;
  readonly steps?: number;
  readonly refinements?: number;
}

/**
 * ADMM and conjugate gradients of `alps`. WHY one array T instead of D and V: D is T = B + V/ρ where the support is and
 * V = ρ(T − D) is ρT elsewhere, so that Y − V + ρD is Y ± ρT.
 */
export class Alps {
  /** Y = B₀·G. */
  readonly #y: Float32Array;
  readonly #t: Float32Array;
  readonly #b: Float32Array;
  readonly #support: Uint8Array;
  /** The support when it was last looked at. */
  readonly #before: Uint8Array;
  #rho = FIRST_RHO;
  /** ρ with which V was made; 0 while V is. */
  #dual = 0;

  constructor(
    private readonly weight: Float32Array,
    private readonly shape: AlpsShape,
    private readonly problem: AlpsProblem,
    private readonly solver: SpdSolver,
    private readonly settings: Settings,
    private readonly hooks: GptqHooks,
  ) {
    const size = weight.length;
    this.#y = new Float32Array(size);
    this.#t = new Float32Array(size);
    this.#b = new Float32Array(size);
    this.#support = new Uint8Array(size);
    this.#before = new Uint8Array(size);
  }

  solve(): { readonly values: Float32Array; readonly keep: Uint8Array; readonly steps: number } {
    this.#begin();
    this.solver.multiply(this.#t, this.#y);
    this.#before.set(this.#support);
    this.solver.factor(this.#rho);
    const steps = this.#alternate();
    this.#choose(this.#b);
    this.#refine();
    this.hooks.progress?.(1);
    return { values: this.#unscaled(), keep: this.#support, steps };
  }

  /** D = the largest entries of B₀, V = 0. */
  #begin(): void {
    const { scale } = this.problem;
    const { columns } = this.shape;
    for (let start = 0; start < this.weight.length; start += columns)
      for (let j = 0; j < columns; j++) this.#t[start + j] = this.weight[start + j] * scale[j];
    this.#dual = 0;
    this.#choose(this.#t);
  }

  #alternate(): number {
    const most = this.settings.steps ?? 300;
    let moves = false;
    for (let step = 1; step <= most; step++) {
      throwIfCancelled(this.hooks.signal);
      this.hooks.progress?.((ADMM_SHARE * step) / most);
      this.#step();
      if (step % UPDATE !== 0) continue;
      const moved = this.#moved();
      const share = moved / this.shape.keeps;
      if (moved === 0 && moves) return step;
      moves ||= share > 0.005;
      this.#raise(share, moved, moves);
      if (step > SETTLED && share < 0.0003) return step;
      if (step < most) this.solver.factor(this.#rho);
    }
    return most;
  }

  #step(): void {
    const [y, t, b, support] = [this.#y, this.#t, this.#b, this.#support];
    const [rho, dual] = [this.#rho, this.#dual];
    for (let i = 0; i < b.length; i++) b[i] = y[i] + (support[i] === 1 ? rho : -dual) * t[i];
    this.solver.solve(b);
    const carried = dual / rho;
    for (let i = 0; i < b.length; i++) t[i] = support[i] === 1 ? b[i] : b[i] + carried * t[i];
    this.#choose(t);
    this.#dual = rho;
  }

  /** ρ grows with how much the support moves; while it does not move yet, ρ was too large to begin with. */
  #raise(share: number, moved: number, moves: boolean): void {
    if (share > 0.1) this.#rho *= 1.3;
    else if (share > 0.005) this.#rho *= 1.2;
    else if (moves) this.#rho *= 1.1;
    else {
      this.#rho /= 5;
      if (moved > 0) this.#begin();
    }
    this.#rho = Math.min(this.#rho, MOST_RHO);
  }

  /** Entries of the support that changed since it was last asked. */
  #moved(): number {
    const [support, before] = [this.#support, this.#before];
    let moved = 0;
    for (let i = 0; i < support.length; i++) moved += support[i] ^ before[i];
    before.set(support);
    return moved;
  }

  /** The support: where the entries of largest magnitude are. */
  #choose(values: Float32Array): void {
    const { pattern } = this.settings;
    const { rows, columns, keeps } = this.shape;
    if (typeof pattern === 'number') keepAllBut(values, values.length - keeps, this.#support);
    else keepLargestOfEach(values, rows, columns, pattern, this.#support);
  }

  /** Conjugate gradients for B·G = Y on the support, each row by itself, from what ADMM left. */
  #refine(): void {
    const { columns } = this.shape;
    const [x, r, p, support] = [this.#b, this.#y, this.#t, this.#support];
    // What is no longer needed gives its place: R = Y − X·G, P, and P·G.
    const product = new Float32Array(x.length);
    for (let i = 0; i < x.length; i++) x[i] *= support[i];
    this.solver.multiply(x, product);
    for (let i = 0; i < x.length; i++) p[i] = r[i] = support[i] * (r[i] - product[i]);
    const most = this.settings.refinements ?? 10;
    for (let k = 0; k < most; k++) {
      throwIfCancelled(this.hooks.signal);
      this.solver.multiply(p, product);
      for (let start = 0; start < x.length; start += columns) {
        descend(x, r, p, product, support, start, start + columns);
      }
    }
  }

  #unscaled(): Float32Array {
    const { scale } = this.problem;
    const { columns } = this.shape;
    return this.#b.map((value, i) => value / scale[i % columns]);
  }
}

/** One step of conjugate gradients on one row [from, end). */
function descend(
  x: Float32Array,
  r: Float32Array,
  p: Float32Array,
  product: Float32Array,
  support: Uint8Array,
  from: number,
  end: number,
): void {
  let [before, curvature] = [0, 0];
  for (let i = from; i < end; i++) {
    before += r[i] * r[i];
    curvature += p[i] * product[i];
  }
  if (before === 0 || curvature <= 0) return;
  const alpha = before / curvature;
  let after = 0;
  for (let i = from; i < end; i++) {
    x[i] += alpha * p[i];
    r[i] = support[i] === 1 ? r[i] - alpha * product[i] : 0;
    after += r[i] * r[i];
  }
  const beta = after / before;
  for (let i = from; i < end; i++) p[i] = r[i] + beta * p[i];
}
