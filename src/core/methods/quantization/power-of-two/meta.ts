import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { uniformFields, uniformNames } from '../uniform-options.ts';

export const options = z.strictObject({
  bits: z.literal([4, 3, 2]).default(4).meta({
    title: 'Bits',
    unit: 'bits',
    description:
      'How many bits each weight keeps: one for its sign, the others for its exponent. 4 bits reach over seven powers of two and zero, 3 bits over three, 2 bits keep −1, 0 and 1.',
  }),
  blockSize: uniformFields.blockSize,
});

export const meta = {
  id: 'power-of-two',
  family: 'quantization',
  title: 'Power of two',
  summary:
    'Signs and rounded logarithms, ±2ᵏ and zero, below a power-of-two scale that is stored as its 8-bit exponent.',
  plain:
    'Replaces every weight by the nearest of a few halvings (1, ½, ¼ …), so that multiplying becomes shifting; even steps of as many bits usually lose less.',
  paper: {
    authors: 'Miyashita, Lee, Murmann',
    year: 2016,
    title: 'Convolutional Neural Networks using Logarithmic Data Representation',
    arxiv: '1603.01025',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  ...uniformNames,
} as const satisfies MethodMeta<typeof options>;
