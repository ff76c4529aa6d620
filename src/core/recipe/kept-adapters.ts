import { metaById } from '../methods/catalog.ts';
import type { Recipe } from './types.ts';

/** The dropout the kept adapter was trained with; 0 where none is kept. */
export function dropoutOf(recipe: Recipe): number {
  return adaptersOf(recipe)[0]?.dropout ?? 0;
}

/** Whether a recipe leaves an adapter beside the weights, so that it can be switched off. */
export function keepsAdapter(recipe: Recipe): boolean {
  return adaptersOf(recipe).length > 0;
}

function adaptersOf({ steps }: Recipe) {
  const active = steps.filter(({ disabled }) => disabled !== true);
  return active.flatMap(({ method, options }) => metaById(method)?.adapter?.(options) ?? []);
}
