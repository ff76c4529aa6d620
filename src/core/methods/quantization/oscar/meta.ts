import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { tied, uniformFields, uniformNames } from '../uniform-options.ts';

export const options = z.strictObject({
  bits: uniformFields.bits,
  blockSize: z.literal([16, 32, 64, 128, 256, 'channel']).default(32).meta({
    title: 'Block size',
    description:
      'How many weights share one scale. Smaller blocks follow the weights more closely but store more scales; "channel" gives each output one scale.',
  }),
  symmetric: uniformFields.symmetric,
  clip: z.enum(['exact', 'search', 'none']).default('exact').meta({
    title: 'Clipping',
    advanced: true,
    description:
      'How the range of each block is narrowed, with errors weighed by how active the inputs are. "exact" computes the best clip at once, "search" tries some 200 scales.',
  }),
  scales: uniformFields.scales,
  tied,
  scaling: z.boolean().default(true).meta({
    title: 'Scale channels',
    advanced: true,
    description:
      'Multiplies the weights of active inputs before rounding and divides those inputs before the layer, so that the same steps are finer where it counts. Off: only the clipping is weighed.',
  }),
});

export const meta = {
  id: 'oscar',
  family: 'quantization',
  title: 'OSCAR',
  summary:
    'Input-channel scales and exact clips in closed form from channel norms, folded into norms and layers.',
  plain:
    'Rounds more finely where the inputs of a layer are strong, by moving strength from the inputs into the weights first.',
  paper: {
    authors: 'Google AI Edge',
    year: 2026,
    title: 'OSCAR (Optimal Scaling and Channel ARrangement), AI Edge Quantizer',
    url: 'https://github.com/google-ai-edge/ai-edge-quantizer',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  ...uniformNames,
} as const satisfies MethodMeta<typeof options>;
