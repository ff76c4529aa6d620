import { z } from 'zod';

/** How many blocks share. */
export const sizeField = {
  size: z.int().min(2).max(64).default(2).meta({
    title: 'Blocks per set',
    description: 'So many blocks read the same weights, which are stored once.',
  }),
};

/** What the shared weight is. */
export const valuesField = {
  values: z.enum(['least-squares', 'average', 'first']).default('least-squares').meta({
    title: 'Values',
    description:
      '"least-squares" is the weight whose answers are nearest to those of all of them on calibration data, "average" their mean, "first" the first one’s.',
  }),
};
