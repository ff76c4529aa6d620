import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { uniformBits } from '../uniform-bits.ts';
import { uniformFields, uniformNames } from '../uniform-options.ts';

export const options = z.strictObject({
  bits: z.literal([4, 3, 2, 1]).default(3).meta({
    title: 'Planes',
    unit: 'bits',
    description:
      'How many planes of signs each weight is the sum of; each takes a bit per weight and has a factor of its own in every block.',
  }),
  blockSize: uniformFields.blockSize.default(128).meta({
    title: 'Block size',
    description:
      'How many weights share the factors of the planes. Smaller blocks follow the weights more closely but store a factor per plane more often; "channel" gives each output its own.',
  }),
  scales: uniformFields.scales.default('float16').meta({
    title: 'Factor type',
    advanced: true,
    description: 'How the factors of the planes are stored; half precision takes half the room.',
  }),
  iterations: z.int().min(0).max(100).default(15).meta({
    title: 'Iterations',
    advanced: true,
    description:
      'How often factors are solved for and signs chosen again, in turn; the error never rises, and it ends as soon as no sign changes. 0 keeps what one plane after the other gives.',
  }),
});

export const meta = {
  id: 'binary-coded',
  family: 'quantization',
  title: 'Binary-coded',
  summary:
    'Ŵ = Σ αᵢ·Bᵢ with signs Bᵢ: greedy planes, then alternating least squares and nearest signs (LUT-GEMM), stored a bit per plane.',
  plain:
    'Writes every weight as a sum of a few numbers that are only added or subtracted, one bit for each.',
  paper: {
    authors: 'Park, Park, Kim, Lee et al.',
    year: 2022,
    title:
      'LUT-GEMM: Quantized Matrix Multiplication based on LUTs for Efficient Inference in Large-Scale Generative Language Models',
    arxiv: '2206.09557',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'round-to-nearest',
  baselineOptions: ({ bits }) => ({ bits: uniformBits(bits) }),
  options,
  pictures: 'weight',
  ...uniformNames,
} as const satisfies MethodMeta<typeof options>;
