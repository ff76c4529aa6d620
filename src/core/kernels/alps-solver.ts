import { throwIfCancelled } from '../errors/lathe-error.ts';
import {
  alpsScale,
  Penalty,
  UPDATE,
  type AlpsOptions,
  type AlpsResult,
  type AlpsShape,
} from './alps-problem.ts';
import type { GptqHooks } from './gptq-problem.ts';
import type { Kernels, Pointer } from './load.ts';
import { SpdStrips } from './spd-strips.ts';
import { chooseInStrips, fromStrips, keepInStrips, toStrips } from './strip-values.ts';
import { STRIP } from './strips.ts';

/** Share of the progress that ADMM takes. */
const ADMM_SHARE = 0.9;

/**
 * ALPS in the arena, all matrices in strips. WHY one array T instead of D and V: D is T = B + V/ρ where the support is
 * and V = ρ(T − D) is ρT elsewhere, so that Y − V + ρD is Y ± ρT.
 */
export class AlpsSolver {
  readonly #strips: number;
  readonly #spd: SpdStrips;
  readonly #y: Pointer;
  readonly #t: Pointer;
  readonly #b: Pointer;
  readonly #length: number;
  /** 1 where an entry stays. */
  readonly #support: Uint8Array;
  #scale: Float64Array = new Float64Array(0);
  /** ρ with which V was made; 0 while V is. */
  #dual = 0;

  constructor(
    private readonly wasm: Kernels,
    private readonly weight: Float32Array,
    private readonly h: Float32Array,
    private readonly shape: AlpsShape,
    private readonly options: AlpsOptions,
    private readonly hooks: GptqHooks,
  ) {
    const { rows, columns } = shape;
    const { arena } = wasm;
    this.#strips = Math.ceil(rows / STRIP);
    const g = (i: number, j: number): number =>
      i === j ? 1 : h[i * columns + j] / (this.#scale[i] * this.#scale[j]);
    this.#spd = new SpdStrips(wasm, g, columns, this.#strips, hooks.signal);
    this.#length = STRIP * this.#strips * this.#spd.width;
    [this.#y, this.#t, this.#b] = [0, 1, 2].map(() => arena.alloc(4 * this.#length));
    this.#support = new Uint8Array(this.#length);
  }

  solve(): AlpsResult {
    const { h, shape, options } = this;
    const { damping } = alpsScale(h, shape.columns, options.damping ?? 0.01, (scale) => {
      this.#scale = scale;
      return this.#spd.factor(0);
    });
    this.#begin();
    this.#spd.useProduct();
    this.#spd.multiply(this.#t, this.#y);
    const steps = this.#alternate();
    this.#choose(this.#b);
    this.#refine();
    this.hooks.progress?.(1);
    return { ...this.#result(), steps, damping };
  }

  #floats(at: Pointer): Float32Array {
    return this.wasm.arena.floats(at, this.#length);
  }

  /** D = the largest entries of B₀, V = 0. */
  #begin(): void {
    toStrips(this.weight, this.shape, this.#spd.width, this.#floats(this.#t), this.#scale);
    this.#dual = 0;
    this.#choose(this.#t);
  }

  #alternate(): number {
    const { hooks, options } = this;
    const most = options.steps ?? 300;
    const penalty = new Penalty(this.shape.keeps);
    const before = this.#support.slice();
    this.#spd.factor(penalty.rho);
    for (let step = 1; step <= most; step++) {
      throwIfCancelled(hooks.signal);
      hooks.progress?.((ADMM_SHARE * step) / most);
      this.#step(penalty.rho);
      if (step % UPDATE !== 0) continue;
      const next = penalty.look(changed(this.#support, before), step);
      before.set(this.#support);
      if (next === 'end') return step;
      if (next === 'begin again') this.#begin();
      if (step < most) this.#spd.factor(penalty.rho);
    }
    return most;
  }

  #step(rho: number): void {
    const [y, t, b] = [this.#y, this.#t, this.#b].map((at) => this.#floats(at));
    const [support, dual] = [this.#support, this.#dual];
    // WHY products with 0 and 1: half of the branches would be guessed wrong, which costs more than the arithmetic.
    const turn = rho + dual;
    for (let i = 0; i < b.length; i++) b[i] = y[i] + t[i] * (support[i] * turn - dual);
    this.#spd.solve(this.#b);
    const carried = dual / rho;
    for (let i = 0; i < b.length; i++) t[i] = b[i] + t[i] * (1 - support[i]) * carried;
    this.#choose(this.#t);
    this.#dual = rho;
  }

  /** The support: where the entries of largest magnitude are. */
  #choose(at: Pointer): void {
    const { pattern } = this.options;
    const values = this.#floats(at);
    if (typeof pattern !== 'number') {
      chooseInStrips(values, this.#spd.width, this.shape.columns, pattern, this.#support);
      return;
    }
    keepInStrips(values, this.shape, this.#spd.width, this.shape.keeps, this.#support);
  }

  /** Conjugate gradients for X·G = Y on the support, each row by itself, from what ADMM left. */
  #refine(): void {
    const { wasm, hooks, options } = this;
    const q = wasm.arena.alloc(4 * this.#length);
    const support = this.#support;
    const most = options.refinements ?? 10;
    this.#spd.useProduct();
    mask(this.#floats(this.#b), support);
    this.#spd.multiply(this.#b, q);
    // What is no longer needed gives its place: R lies in Y, P in T.
    const [x, r, p, product] = [this.#b, this.#y, this.#t, q].map((at) => this.#floats(at));
    for (let i = 0; i < x.length; i++) p[i] = r[i] = support[i] * (r[i] - product[i]);
    for (let k = 0; k < most; k++) {
      throwIfCancelled(hooks.signal);
      this.#spd.multiply(this.#t, q);
      descend({ x, r, p, product, support }, this.#spd.width);
    }
  }

  #result(): Pick<AlpsResult, 'values' | 'keep'> {
    const { shape } = this;
    const inverse = this.#scale.map((s) => 1 / s);
    const values = fromStrips(this.#floats(this.#b), shape, this.#spd.width, inverse);
    const keep = Uint8Array.from(fromStrips(this.#support, shape, this.#spd.width));
    return { values, keep };
  }
}

function changed(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) count += a[i] ^ b[i];
  return count;
}

function mask(values: Float32Array, support: Uint8Array): void {
  for (let i = 0; i < values.length; i++) values[i] *= support[i];
}

interface Descent {
  readonly x: Float32Array;
  readonly r: Float32Array;
  readonly p: Float32Array;
  /** P·G */
  readonly product: Float32Array;
  readonly support: Uint8Array;
}

/** One step of conjugate gradients, each row by itself: the 16 of a strip lie side by side. */
function descend(descent: Descent, width: number): void {
  const size = STRIP * width;
  for (let from = 0; from < descent.x.length; from += size)
    for (let lane = 0; lane < STRIP; lane++) descendRow(descent, from + lane, from + size);
}

function descendRow({ x, r, p, product, support }: Descent, from: number, end: number): void {
  let [before, curvature] = [0, 0];
  for (let i = from; i < end; i += STRIP) {
    before += r[i] * r[i];
    curvature += p[i] * product[i];
  }
  if (!(curvature > 0)) return;
  const alpha = before / curvature;
  let after = 0;
  for (let i = from; i < end; i += STRIP) {
    x[i] += alpha * p[i];
    const left = support[i] * (r[i] - alpha * product[i]);
    r[i] = left;
    after += left * left;
  }
  const beta = after / before;
  for (let i = from; i < end; i += STRIP) p[i] = r[i] + beta * p[i];
}
