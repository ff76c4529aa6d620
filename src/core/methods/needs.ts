import type { MethodMeta, Need } from './contract.ts';

/** All that a method needs with these options: what it always needs, and what they ask for. */
export function needsOf(
  meta: Pick<MethodMeta, 'needs' | 'needsWith'>,
  options: Readonly<Record<string, unknown>>,
): readonly Need[] {
  return [...meta.needs, ...(meta.needsWith?.(options) ?? [])];
}
