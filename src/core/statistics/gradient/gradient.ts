import { LatheError } from '../../errors/lathe-error.ts';

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
