import type { Recipe } from '../recipe/types.ts';

/** Whether a recipe leaves an adapter beside the weights, so that it can be switched off. */
export function keepsAdapter({ steps }: Recipe): boolean {
  return steps.some(
    ({ method, options, disabled }) =>
      disabled !== true && method === 'lora' && options['result'] === 'adapter',
  );
}
