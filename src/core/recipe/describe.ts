import { metaById } from '../methods/catalog.ts';
import type { Recipe, Step, Target } from './types.ts';

/**
 * A recipe in one line: `gptq 4 bits 32 → magnitude 50 %, attention`. It names trials that have no name.
 * What is said of the options, each method says itself.
 */
export function recipeLine({ steps }: Pick<Recipe, 'steps'>): string {
  const active = steps.filter((step) => step.disabled !== true);
  return active.map(stepLine).join(' → ');
}

function stepLine({ method, options, target }: Step): string {
  const short = metaById(method)?.short?.(options) ?? '';
  const words = targetWords(target);
  return [method, short].filter(Boolean).join(' ') + (words === undefined ? '' : `, ${words}`);
}

/** The kind of target, where it is not everything. */
function targetWords(target: Target): string | undefined {
  if (typeof target === 'string') return target === 'all' ? undefined : target;
  if (target.role !== undefined) return target.role;
  if (target.blocks !== undefined) return 'blocks';
  return target.tensors === undefined ? undefined : 'tensors';
}
