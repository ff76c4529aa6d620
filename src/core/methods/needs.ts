import type { MethodMeta, Need } from './contract.ts';

/** What a method needs as it is added, with the options it has by default. */
export function usualNeeds(meta: MethodMeta): readonly Need[] {
  const options: Readonly<Record<string, unknown>> = meta.options.parse({});
  return needsOf(meta, options);
}

/** The same as one line of a table: "calibration", "nothing (depends on options)". */
export function needsText(meta: MethodMeta, nothing: string): string {
  const usual = usualNeeds(meta).join(', ') || nothing;
  return meta.needsWith === undefined ? usual : `${usual} (depends on options)`;
}

/** All that a method needs with these options: what it always needs, and what they ask for. */
export function needsOf(
  meta: Pick<MethodMeta, 'needs' | 'needsWith'>,
  options: Readonly<Record<string, unknown>>,
): readonly Need[] {
  return [...meta.needs, ...(meta.needsWith?.(options) ?? [])];
}
