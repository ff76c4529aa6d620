import type { Recipe } from '../recipe/types.ts';

/** Results of LoRA in which the adapter is still there. */
const KEEPING = new Set<unknown>(['adapter', 'inputs']);

/** The dropout the kept adapter was trained with; 0 where none is kept. */
export function dropoutOf({ steps }: Recipe): number {
  const step = steps.find(keeps);
  const dropout = step?.options['dropout'];
  return typeof dropout === 'number' ? dropout : 0;
}

/** Whether a recipe leaves an adapter beside the weights, so that it can be switched off. */
export function keepsAdapter({ steps }: Recipe): boolean {
  return steps.some(keeps);
}

function keeps({ method, options, disabled }: Recipe['steps'][number]): boolean {
  return disabled !== true && method === 'lora' && KEEPING.has(options['result']);
}
