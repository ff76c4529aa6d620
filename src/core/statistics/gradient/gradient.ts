import { LatheError } from '../../errors/lathe-error.ts';
import { assertFinite, assertRows } from '../activations.ts';

/**
 * First-order importance of a value X [rows, columns] with G = ∂loss/∂X, the loss being that of the data's labels (the
 * next token), mean over the scores of one window or example; sums run over the windows w.
 */
export interface GradientSums {
  readonly columns: number;
  /** Windows or examples. */
  readonly count: number;
  /** Σ_w |Σ_r X_rc·G_rc|, [columns]: what the loss changes by, to first order, when column c becomes zero. */
  readonly taylor: Float64Array;
  /** Σ_w (Σ_r X_rc·G_rc)², [columns]: the diagonal of the empirical Fisher information of a mask on the columns. */
  readonly fisher: Float64Array;
  /** Σ_w Σ_r G_rc², [columns]. */
  readonly squares: Float64Array;
}

/** Collects gradients while windows or examples come by, one at a time. */
export interface GradientAccumulator<Result> {
  /**
   * Takes in one window: X [rows, columns] and G = ∂loss/∂Y [rows, other columns], Y being X itself or what a layer makes
   * of it. `scale` times G is the gradient of this window's own loss. Throws `activations-shape`.
   */
  add(x: Float32Array, gradient: Float32Array, rows: number, scale: number): void;
  /** Throws `activations-not-finite`. */
  finish(): Result;
}

/**
 * {@link GradientSums} of one value: with s_c = Σ_r X_rc·G_rc in float64, taylor += |s|, fisher += s², squares += Σ_r G_rc².
 * Sources: Molchanov et al. 2017 (Taylor); Kwon et al. 2022, §3.1 (Fisher information of masks).
 */
export function createGradient(columns: number): GradientAccumulator<GradientSums> {
  const [taylor, fisher, squares] = [0, 1, 2].map(() => new Float64Array(columns));
  let count = 0;
  return {
    add(x, gradient, rows, scale) {
      assertRows(x, rows, columns);
      assertRows(gradient, rows, columns);
      const sums = new Float64Array(columns);
      for (let start = 0; start < x.length; start += columns) {
        for (let c = 0; c < columns; c++) {
          const g = gradient[start + c] * scale;
          sums[c] += x[start + c] * g;
          squares[c] += g * g;
        }
      }
      sums.forEach((sum, c) => {
        taylor[c] += Math.abs(sum);
        fisher[c] += sum * sum;
      });
      count++;
    },
    finish() {
      assertFinite(fisher);
      assertFinite(squares);
      return { columns, count, taylor, fisher, squares };
    },
  };
}

/** Gradients flow backward from labels: where the data that is looked at has none, collecting refuses in words. */
export function gradientNotSeen(value: string): LatheError {
  return new LatheError(
    'look-gradient',
    `The gradient at "${value}" was asked for, but collecting runs the model forward only and sees none; choose a method that needs no gradients.`,
    { value },
  );
}
