import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { uniformFields, uniformNames } from '../uniform-options.ts';

export const options = z.strictObject(uniformFields);

export const meta = {
  id: 'round-to-nearest',
  family: 'quantization',
  title: 'Round to nearest',
  summary: 'Uniform 8-, 4-, 3- or 2-bit weights per block, channel or tensor, no calibration data.',
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
} as const satisfies MethodMeta<typeof options>;
