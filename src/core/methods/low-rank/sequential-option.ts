import { z } from 'zod';

/** The option of calibrated methods that says which inputs they are calibrated on. */
export const sequentialField = z.boolean().default(true).meta({
  title: 'Sequential',
  advanced: true,
  description:
    'Each layer is calibrated on what the already compressed layers before it produce, so that their errors are corrected too. Slower, usually better.',
});
