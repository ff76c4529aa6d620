import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { uniformFields } from '../../quantization/uniform-options.ts';
import { rankFields } from '../rank-options.ts';
import { sequentialField } from '../sequential-option.ts';

export const options = z.strictObject({
  bits: uniformFields.bits.default(2),
  blockSize: z.literal([16, 32, 64, 128, 256, 'channel']).default(64).meta({
    title: 'Block size',
    description:
      'How many weights share one scale. Smaller blocks follow the weights more closely but store more scales; "channel" gives each output one scale.',
  }),
  symmetric: uniformFields.symmetric.default(false),
  clip: uniformFields.clip,
  scales: uniformFields.scales,
  rank: z.int().min(1).max(4096).default(8).meta({
    title: 'Rank',
    description:
      'Rank of the part beside the codes. Each further rank costs (rows + columns) numbers and takes away what the codes leave most of.',
  }),
  factors: rankFields.factors.default('float16'),
  rounds: z.int().min(1).max(50).default(8).meta({
    title: 'Rounds',
    description:
      'How often the low-rank part and the codes are made anew, each for what the other leaves. The best round is kept, so more never hurt.',
  }),
  quantizer: z.enum(['gptq', 'round-to-nearest']).default('gptq').meta({
    title: 'Quantizer',
    advanced: true,
    description:
      'How codes are chosen: with "gptq" each column makes up for the errors of those before it; "round-to-nearest" is faster.',
  }),
  damping: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .meta({
      title: 'Damping',
      advanced: true,
      step: 0.01,
      when: { option: 'quantizer', in: ['gptq'] },
      description:
        'Share of the mean second moment added to every column while codes are chosen, so that rarely active columns do not blow up.',
    }),
  sequential: sequentialField,
});

export const meta = {
  id: 'low-rank-plus-quantized',
  family: 'low-rank',
  title: 'Low rank plus quantized',
  summary:
    'CALDERA: W ≈ Q + L·R, codes of few bits and a low-rank part made in turn on the whitened error, the best round kept.',
  plain:
    'Rounds the weights to very few values and stores beside them a small correction that brings back what matters most.',
  paper: {
    authors: 'Saha, Sagan, Srivastava, Goldsmith, Pilanci',
    year: 2024,
    title: 'Compressing Large Language Models using Low Rank and Low Precision Decomposition',
    arxiv: '2405.18886',
  },
  cost: 'high',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  short: ({ bits, rank }) => `${bits} bits + rank ${rank}`,
  suffix: ({ bits }) => `q${bits}`,
} as const satisfies MethodMeta<typeof options>;
