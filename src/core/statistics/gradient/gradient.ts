import { LatheError } from '../../errors/lathe-error.ts';

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

/**
 * ∂loss/∂value is not among what flows forward: collecting refuses it in words until the trainer,
 * which has the gradient graph, hands it over (Taylor and Fisher importance: Σ|w·g|, Σg²).
 */
export function gradientNotSeen(value: string): LatheError {
  return new LatheError(
    'look-gradient',
    `The gradient at "${value}" was asked for, but collecting runs the model forward only and sees none; choose a method that needs no gradients.`,
    { value },
  );
}
