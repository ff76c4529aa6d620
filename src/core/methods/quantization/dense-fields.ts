import { z } from 'zod';
import { tied, uniformFields } from './uniform-options.ts';

/** Options of methods that store codes and something beside them that repairs what the codes lose. */
export const denseFields = {
  bits: uniformFields.bits,
  blockSize: z.literal([16, 32, 64, 128, 256, 'channel']).default(32).meta({
    title: 'Block size',
    description:
      'How many weights share one scale. Smaller blocks follow the weights more closely but store more scales; "channel" gives each output one scale.',
  }),
  symmetric: uniformFields.symmetric.meta({
    ...uniformFields.symmetric.meta(),
    when: { option: 'quantizer', in: ['round-to-nearest', 'gptq'] },
  }),
  clip: z
    .enum(['none', 'mse'])
    .default('none')
    .meta({
      title: 'Clipping',
      advanced: true,
      when: { option: 'quantizer', in: ['round-to-nearest', 'gptq'] },
      description:
        'With "mse" the range of each block is narrowed as long as the total error of its weights falls.',
    }),
  scales: uniformFields.scales,
  quantizer: z.enum(['round-to-nearest', 'hqq', 'gptq']).default('round-to-nearest').meta({
    title: 'Quantizer',
    description:
      'How the codes are chosen: "round-to-nearest" and "hqq" look at the weights alone, with "gptq" each column makes up for the errors of those before it, which needs calibration data.',
  }),
  tied,
};

/** What such methods share of their options. */
export type DenseOptions = z.infer<z.ZodObject<typeof denseFields>>;
