import { z } from 'zod';
import type { Metric } from './types.ts';

/** A {@link Metric} from JSON, where an error that is not known is null or absent. */
export const metricSchema = z
  .object({
    value: z.number(),
    standardError: z.number().nullish(),
    n: z.number().int().min(0),
  })
  .transform(({ value, standardError, n }): Metric => ({
    value,
    standardError: standardError ?? Infinity,
    n,
  }));
