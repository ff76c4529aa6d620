/** What scales are chosen from: W [rows, columns] and what was seen of its inputs x. */
export interface Channels {
  readonly w: Float32Array;
  readonly columns: number;
  /** max|x_j| */
  readonly maxima: ArrayLike<number>;
}

/** Channels that were never fed count as this share of the strongest: who is silent in calibration may speak later. */
const SILENT = 1e-4;
/** The clamps of the reference. */
const LEAST = 1e-5;

/** s_j = max|X_j|^α / max|W_j|^(1−α): SmoothQuant eq. 4, with the reference's clamps at 1e-5; x / s and W·diag(s) follow. */
export function smoothingScales({ w, columns, maxima }: Channels, alpha: number): Float64Array {
  const weights = columnMaxima(w, columns);
  const x = flooredMaxima(maxima);
  return weights.map((most, j) =>
    Math.max(x[j] ** alpha / Math.max(most, LEAST) ** (1 - alpha), LEAST),
  );
}

function columnMaxima(w: Float32Array, columns: number): Float64Array {
  const most = new Float64Array(columns);
  w.forEach((value, i) => (most[i % columns] = Math.max(most[i % columns], Math.abs(value))));
  return most;
}

/** Where nothing at all was fed, all channels count alike. */
function flooredMaxima(maxima: ArrayLike<number>): Float64Array {
  const all = Float64Array.from(maxima);
  const most = all.reduce((a, b) => Math.max(a, b), 0);
  return all.map((value) => (most > 0 ? Math.max(value, SILENT * most) : 1));
}

/** Least and largest number of all that was seen of a value; both bound every channel. */
export interface Ends {
  readonly minimum: number;
  readonly maximum: number;
}

/** [α, β] of x / s, as far as max|x_j| and the ends of x tell: −max_j min(max|x_j|, −min x)/s_j, max_j min(max|x_j|, max x)/s_j. */
export function smoothedRange(
  maxima: ArrayLike<number>,
  { minimum, maximum }: Ends,
  s: ArrayLike<number> | undefined,
): readonly [number, number] {
  let [low, high] = [0, 0];
  for (let j = 0; j < maxima.length; j++) {
    const scale = s?.[j] ?? 1;
    low = Math.max(low, Math.min(maxima[j], Math.max(0, -minimum)) / scale);
    high = Math.max(high, Math.min(maxima[j], Math.max(0, maximum)) / scale);
  }
  return [low === 0 ? 0 : -low, high];
}

/** What the error is estimated from, besides. */
export interface Fed extends Channels {
  readonly ends: Ends;
  /** mean x_j² */
  readonly squares: ArrayLike<number>;
}

const INPUT_STEPS = 255;
const WEIGHT_STEPS = 127;

/**
 * What int8 weights and uint8 inputs are expected to lose on the outputs: noise of Δ²/12 in each number, but no more than the number
 * itself, in independent channels. E(s) = Σ_j n_j·‖W_j‖²·s_j² + Σ_i Σ_j min(Δ_i²/12, (w_ij·s_j)²)·m_j/s_j², n_j = min(Δ²/12, m_j/s_j²),
 * Δ the range of x / s in 255 steps, Δ_i the largest weight of a row in 127.
 */
export function expectedError(fed: Fed, s: Float64Array): number {
  const { w, columns, squares, maxima, ends } = fed;
  const [low, high] = smoothedRange(maxima, ends, s);
  const input = ((high - low) / INPUT_STEPS) ** 2 / 12;
  const smoothed = s.map((each, j) => squares[j] / (each * each));
  let error = 0;
  for (let row = 0; row < w.length; row += columns) {
    let most = 0;
    for (let j = 0; j < columns; j++) most = Math.max(most, Math.abs(w[row + j] * s[j]));
    const weight = (most / WEIGHT_STEPS) ** 2 / 12;
    for (let j = 0; j < columns; j++) {
      const square = (w[row + j] * s[j]) ** 2;
      error += Math.min(input, smoothed[j]) * square + Math.min(weight, square) * smoothed[j];
    }
  }
  return error;
}

/** 0, 0.05 … 1 */
export const ALPHAS = Array.from({ length: 21 }, (_, i) => i / 20);

/** The scales of that α for which {@link expectedError} is least. */
export function searchedScales(fed: Fed): { readonly alpha: number; readonly s: Float64Array } {
  const tried = ALPHAS.map((alpha) => {
    const s = smoothingScales(fed, alpha);
    return { alpha, s, error: expectedError(fed, s) };
  });
  return tried.reduce((best, next) => (next.error < best.error ? next : best));
}
