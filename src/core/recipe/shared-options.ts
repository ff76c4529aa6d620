import type { Method } from '../methods/contract.ts';

/**
 * Options of `baseline` that a method's options hold as well, in the baseline's own words where the method says them,
 * the rest at their defaults: both then work to the same budget. Throws what the baseline's schema throws for a value
 * it does not take.
 */
export function sharedOptions(
  { meta }: Pick<Method, 'meta'>,
  options: Readonly<Record<string, unknown>>,
  method?: Pick<Method, 'meta'>,
): Readonly<Record<string, unknown>> {
  const names = Object.keys(meta.options.shape);
  const said = { ...options, ...method?.meta.baselineOptions?.(options) };
  const shared = Object.entries(said).filter(([name]) => names.includes(name));
  return meta.options.parse(Object.fromEntries(shared));
}
