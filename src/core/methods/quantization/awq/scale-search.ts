import { quadraticForm } from '../../../kernels/quadratic-form.ts';

/** Ŵ of a matrix W [rows, columns] on the grid of the method. */
export type Quantize = (w: Float32Array) => Float32Array;

/** What a scale is searched for. */
export interface ScaleProblem {
  /** [rows, columns] */
  readonly w: Float32Array;
  readonly columns: number;
  /** mean|x_j| */
  readonly magnitudes: ArrayLike<number>;
  /** XᵀX */
  readonly h: Float32Array;
}

/** Ratios of the reference: 0, 0.05 … 0.95. */
export const RATIOS = Array.from({ length: 20 }, (_, i) => i / 20);

/** Scales are at least this before they are normalised. */
const LEAST = 1e-4;

/** s_j = max(mean|x_j|^α, 1e-4) / √(max·min): AWQ eq. 5, as llm-awq normalises it. Dead channels get the least. */
export function scalesAt(magnitudes: ArrayLike<number>, alpha: number): Float64Array {
  const s = Float64Array.from(magnitudes, (size) => Math.max(size ** alpha, LEAST));
  const most = s.reduce((a, b) => Math.max(a, b));
  const least = s.reduce((a, b) => Math.min(a, b));
  return s.map((value) => value / Math.sqrt(most * least));
}

/** ‖(Q(W·s)/s − W)·Xᵀ‖² = tr(D·H·Dᵀ). */
export function scaleLoss(
  { w, columns, h }: ScaleProblem,
  s: Float64Array,
  quantize: Quantize,
): number {
  const q = quantize(w.map((value, i) => value * s[i % columns]));
  for (let i = 0; i < q.length; i++) q[i] /= s[i % columns];
  return Math.max(0, quadraticForm(w, h, columns, q));
}

/** Of all ratios the one with the smallest loss, and all losses. */
export function searchRatio(
  problem: ScaleProblem,
  quantize: Quantize,
  after: (tried: number) => void = () => undefined,
): { readonly ratio: number; readonly losses: readonly number[] } {
  const losses = RATIOS.map((ratio, i) => {
    const loss = scaleLoss(problem, scalesAt(problem.magnitudes, ratio), quantize);
    after((i + 1) / RATIOS.length);
    return loss;
  });
  const best = losses.reduce((at, loss, i) => (loss < losses[at] ? i : at), 0);
  return { ratio: RATIOS[best], losses };
}
