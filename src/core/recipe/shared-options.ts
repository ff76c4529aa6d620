import type { ZodType } from 'zod';
import type { Method } from '../methods/contract.ts';

/**
 * Options of `baseline` that a method's options hold as well, in the baseline's own words where the method says them,
 * the rest at their defaults, also where the baseline does not take the method's value: both then work to the same
 * budget. Throws what the baseline's schema throws for options that do not go together.
 */
export function sharedOptions(
  { meta }: Pick<Method, 'meta'>,
  options: Readonly<Record<string, unknown>>,
  method?: Pick<Method, 'meta'>,
): Readonly<Record<string, unknown>> {
  const shape: Readonly<Record<string, ZodType>> = meta.options.shape;
  const taken = new Map(Object.entries(shape));
  const said = { ...options, ...method?.meta.baselineOptions?.(options) };
  const shared = Object.entries(said).filter(
    ([name, value]) => taken.get(name)?.safeParse(value).success === true,
  );
  return meta.options.parse(Object.fromEntries(shared));
}
