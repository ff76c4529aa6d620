import type { Recipe } from '../recipe/types.ts';

/** Results of LoRA in which the adapter is still there. */
const KEEPING = new Set<unknown>(['adapter', 'inputs']);

/** Whether a recipe leaves an adapter beside the weights, so that it can be switched off. */
export function keepsAdapter({ steps }: Recipe): boolean {
  return steps.some(
    ({ method, options, disabled }) =>
      disabled !== true && method === 'lora' && KEEPING.has(options['result']),
  );
}
