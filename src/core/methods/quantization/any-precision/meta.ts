import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { tiedWhen, uniformFields, uniformNames } from '../uniform-options.ts';

export const options = z
  .strictObject({
    bits: z.literal([8, 6, 5, 4, 3, 2]).default(4).meta({
      title: 'Bits',
      unit: 'bits',
      control: 'positions',
      description:
        'How many of the upper bits of the parent’s codes go into the file. The parent is found once for all of them, so moving this costs only cutting and measuring.',
    }),
    parent: z.literal([8, 6]).default(8).meta({
      title: 'Parent bits',
      unit: 'bits',
      description:
        'Bits of the codes that all narrower models are the top of: the widest model there can be.',
    }),
    blockSize: z.literal([16, 32, 64, 128, 256, 'channel']).default(32).meta({
      title: 'Block size',
      description:
        'How many weights share one scale, which all widths share as well. Smaller blocks follow the weights more closely but store more scales; "channel" gives each output one scale.',
    }),
    rounding: z.enum(['sweep', 'nearest']).default('sweep').meta({
      title: 'Rounding',
      description:
        'With "sweep" codes are chosen column by column on calibration data, so that later columns make up for the error of each width. "nearest" looks at no data: each width gets the nearest value it has, and every further bit halves the rest.',
    }),
    balance: z.number().min(0).max(1.5).default(0.75).meta({
      title: 'Balance',
      step: 0.05,
      description:
        'Which widths decide where they disagree: at 0 errors of all widths count as they are, so that the narrow models decide; at 1 each counts in its own steps, so that the wide ones stay nearly as good as alone.',
    }),
    clip: uniformFields.clip.unwrap().extract(['none', 'mse']).default('none').meta({
      title: 'Clipping',
      advanced: true,
      description:
        'With "mse" the range of each block is narrowed as long as the error of its weights, over all widths, falls: narrow models gain, wide ones lose.',
    }),
    scales: uniformFields.scales,
    refine: z
      .int()
      .min(0)
      .max(50)
      .default(2)
      .meta({
        title: 'Refinement',
        advanced: true,
        unit: 'rounds',
        when: { option: 'rounding', in: ['sweep'] },
        description:
          'How often all codes are gone through once more, each set to the best while the others stay. The error over all widths never rises.',
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
        when: { option: 'rounding', in: ['sweep'] },
        description:
          'Share of the mean second moment added to every column, so that rarely active columns do not blow up. Raise it when calibration data is short.',
      }),
    tied: tiedWhen('rounding', 'sweep'),
  })
  .refine(({ bits, parent }) => bits <= parent, {
    path: ['bits'],
    message:
      'the parent’s codes have fewer bits than are asked of them; set bits to those of the parent or fewer, or choose a wider parent',
  });

export type AnyPrecisionOptions = z.infer<typeof options>;

export const meta = {
  id: 'any-precision',
  family: 'quantization',
  title: 'Any precision',
  summary:
    'One parent of nested codes whose top bits are the 6- to 2-bit models, by a second-order sweep over all widths at once (MatGPTQ).',
  plain:
    'Finds codes of 8 bits once, such that leaving out the lower bits of each gives good smaller models, too: then their size is a slider.',
  paper: {
    authors: 'Kleinegger, Crnčević, Alistarh',
    year: 2026,
    title: 'MatGPTQ: Accurate and Efficient Post-Training Matryoshka Quantization',
    arxiv: '2602.03537',
  },
  cost: 'low',
  needs: [],
  needsWith: ({ rounding }) => (rounding === 'sweep' ? ['calibration'] : []),
  withoutData: (given) => ({ ...given, rounding: 'nearest' }),
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  ...uniformNames,
} as const satisfies MethodMeta<typeof options>;
