import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { gridFields, uniformFields, uniformNames } from '../uniform-options.ts';

const BITS = [8, 4, 3, 2] as const;

export const options = z.strictObject({
  ...uniformFields,
  scales: gridFields.scales,
  zeros: gridFields.zeros,
  bits: z.literal([8, 6, 5, 4, 3, 2, 'auto']).default(4).meta({
    title: 'Bits',
    unit: 'bits',
    description:
      'How many bits each weight keeps. 8 is nearly lossless, 4 is the usual choice, 3 and 2 need calibration to stay usable; "auto" gives each layer its own, so that the file stays within a budget.',
  }),
  budget: z
    .int()
    .min(1)
    .optional()
    .meta({
      title: 'Budget',
      unit: 'bytes',
      when: { option: 'bits', in: ['auto'] },
      description:
        'The most bytes the whole file may take. Bits go to the layers whose relative weight error falls most for each byte.',
    }),
  bitsPerLayer: z
    .record(z.string(), z.literal(BITS))
    .optional()
    .meta({
      title: 'Bits per layer',
      decided: true,
      when: { option: 'bits', in: ['auto'] },
      description:
        'What was decided within the budget, by layer. Left out, it is decided when the recipe runs, and written here.',
    }),
});

export const meta = {
  id: 'round-to-nearest',
  family: 'quantization',
  title: 'Round to nearest',
  summary: 'Uniform 8- to 2-bit weights per block, channel or tensor, no calibration data.',
  plain:
    'Replaces every weight by the nearest of a few evenly spaced values, so that it fits in a few bits instead of 32.',
  paper: {
    authors: 'Jacob et al.',
    year: 2017,
    title:
      'Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference',
    arxiv: '1712.05877',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  options,
  pictures: 'weight',
  ...uniformNames,
  // A file of several widths goes by its narrowest, as one of several steps does.
  suffix: ({ bits, bitsPerLayer = {} }) =>
    `q${bits === 'auto' ? Math.min(8, ...Object.values(bitsPerLayer)) : bits}`,
} as const satisfies MethodMeta<typeof options>;
