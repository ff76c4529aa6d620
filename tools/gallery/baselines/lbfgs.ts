/** Value at x; writes ∇f(x) into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  /** Most steps. */
  readonly iterations: number;
  /** Done when ‖∇f‖∞ is at most this. */
  readonly tolerance: number;
  /** Called after each step; return false to stop there. */
  readonly onStep?: (iteration: number, value: number) => boolean;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  /** ‖∇f(x)‖∞. */
  readonly gradient: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Pairs (s, y) of past steps and gradient changes, newest last, with 1/(y·s). */
interface Memory {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

const REMEMBERED = 10;
const ARMIJO = 1e-4;
const SMALLEST_STEP = 1e-10;

/**
 * Minimum of a smooth convex function by L-BFGS (10 pairs) with a halving line search (Armijo).
 * A pair is kept only where y·s > 0, so every direction descends.
 * @see Nocedal & Wright 2006, "Numerical optimization", algorithms 7.4 and 3.1
 */
export function minimise(f: Objective, start: Float64Array, options: MinimiseOptions): Minimum {
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = f(x, gradient);
  const memory: Memory[] = [];
  let iterations = 0;
  while (iterations < options.iterations && largest(gradient) > options.tolerance) {
    const direction = descent(gradient, memory);
    const next = search(f, { x, value, gradient }, direction, memory.length === 0);
    if (next === undefined) break;
    remember(memory, x, gradient, next);
    ({ x, value, gradient } = next);
    iterations++;
    if (options.onStep?.(iterations, value) === false) break;
  }
  const left = largest(gradient);
  return { x, value, gradient: left, iterations, converged: left <= options.tolerance };
}

interface Point {
  readonly x: Float64Array<ArrayBuffer>;
  readonly value: number;
  readonly gradient: Float64Array<ArrayBuffer>;
}

/** −H·∇f with H built from the remembered pairs (two-loop recursion). */
function descent(gradient: Float64Array, memory: readonly Memory[]): Float64Array {
  const d = gradient.map((value) => -value);
  const alphas = memory.map(() => 0);
  for (let k = memory.length - 1; k >= 0; k--) {
    alphas[k] = memory[k].rho * dot(memory[k].s, d);
    addScaled(d, -alphas[k], memory[k].y);
  }
  const last = memory.at(-1);
  if (last) scale(d, 1 / (last.rho * dot(last.y, last.y)));
  memory.forEach(({ s, y, rho }, k) => addScaled(d, alphas[k] - rho * dot(y, d), s));
  return d;
}

function search(f: Objective, at: Point, d: Float64Array, first: boolean): Point | undefined {
  const slope = dot(at.gradient, d);
  // Without curvature the first step has no scale of its own.
  let step = first ? Math.min(1, 1 / Math.sqrt(dot(d, d))) : 1;
  const gradient = new Float64Array(d.length);
  for (; step > SMALLEST_STEP; step /= 2) {
    const x = at.x.slice();
    addScaled(x, step, d);
    const value = f(x, gradient);
    if (value <= at.value + ARMIJO * step * slope) return { x, value, gradient };
  }
  return undefined;
}

function remember(memory: Memory[], x: Float64Array, gradient: Float64Array, next: Point): void {
  const s = next.x.map((value, i) => value - x[i]);
  const y = next.gradient.map((value, i) => value - gradient[i]);
  const curvature = dot(s, y);
  if (curvature <= 0) return;
  memory.push({ s, y, rho: 1 / curvature });
  if (memory.length > REMEMBERED) memory.shift();
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(target: Float64Array, factor: number, x: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * x[i];
}

function scale(x: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] *= factor;
}

function largest(x: Float64Array): number {
  let top = 0;
  for (const value of x) top = Math.max(top, Math.abs(value));
  return top;
}
