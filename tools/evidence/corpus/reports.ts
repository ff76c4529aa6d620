import { z } from 'zod';

/** What is read back of what the command line prints and writes. */
const metric = z.looseObject({ value: z.number() });
const metrics = z.record(z.string(), metric.optional());

export const inspected = z.looseObject({
  task: z.string(),
  anatomy: z.looseObject({
    blocks: z.array(
      z.looseObject({
        heads: z.number().optional(),
        keyValueHeads: z.number().optional(),
        headSize: z.number().optional(),
        feedForwardWidth: z.number().optional(),
      }),
    ),
    vocabularySize: z.number().optional(),
  }),
});

export const evaluated = z.looseObject({ protocol: z.string(), model: metrics });

export const reported = z.looseObject({
  before: z.looseObject({ bytes: z.number() }),
  after: z.looseObject({ bytes: z.number() }),
  verified: z.boolean(),
  notMeasured: z.string().optional(),
  evaluation: z
    .looseObject({ protocol: z.string(), original: metrics, compressed: metrics })
    .optional(),
});
