import { metaById } from '../../core/methods/catalog.ts';
import type { Step } from '../../core/recipe/types.ts';

/** Bits that a step stores weights in, by the word it gives to file names; undefined when it has none. */
export function storedBits({
  method,
  options,
}: Pick<Step, 'method' | 'options'>): number | undefined {
  const found = /\d+/.exec(metaById(method)?.suffix?.(options) ?? '');
  return found === null ? undefined : Number(found[0]);
}
