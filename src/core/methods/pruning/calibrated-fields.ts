import { z } from 'zod';

/** Options of pruning methods that solve for the weights that stay. */
export const solverFields = {
  damping: z.number().min(0).max(1).default(0.01).meta({
    title: 'Damping',
    advanced: true,
    step: 0.01,
    description:
      'Share of the mean second moment added to every column, so that rarely active columns do not blow up. Raise it when calibration data is short.',
  }),
};

export const sequentialField = {
  sequential: z.boolean().default(true).meta({
    title: 'Sequential',
    advanced: true,
    description:
      'Each layer is calibrated on what the already pruned layers before it produce. Slower, usually better.',
  }),
};
