import { z } from 'zod';
import { tied, uniformFields } from './uniform-options.ts';

/** Options of weights that are multiplied as integers. */
export const int8Fields = {
  blockSize: z.literal(['channel', 'tensor']).default('channel').meta({
    title: 'Block size',
    description:
      'How many weights share one scale: those of one output ("channel"), or all of them ("tensor"). Integer products know no smaller blocks.',
  }),
  clip: uniformFields.clip,
  tied,
};
