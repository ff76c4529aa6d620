import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { options as gptqOptions } from '../gptq/meta.ts';
import { SEARCH_PROBLEM, searchesWhatMoves, uniformNames } from '../uniform-options.ts';

const { bits, blockSize, symmetric, clip, scales, zeros, refine, tied, order, staticGroups } =
  gptqOptions.shape;

export const options = z
  .strictObject({
    bits,
    blockSize,
    symmetric,
    clip,
    scales,
    zeros,
    refine,
    tied,
    alpha: z.number().min(0).max(1).default(1).meta({
      title: 'Correction',
      step: 0.05,
      description:
        'How much of the error that the compressed layers before left is made up for in this one. 1 is what the paper does; less trusts short calibration data less, and 0 is GPTQ.',
    }),
    damping: z.number().min(0).max(1).default(0.01).meta({
      title: 'Damping',
      advanced: true,
      step: 0.01,
      description:
        'Share of the mean second moment added to every column. More keeps the weights nearer to the original, which helps at 2 bits and when calibration data is short.',
    }),
    order,
    staticGroups,
  })
  .refine((o) => o.order !== 'activation' || o.staticGroups || o.blockSize === 'channel', {
    path: ['order'],
    message:
      'activation order scatters the columns of a block, which no file format can store; use the order "blocks", or set staticGroups to true or blockSize to "channel"',
  })
  .refine(searchesWhatMoves, SEARCH_PROBLEM);

export const meta = {
  id: 'qronos',
  family: 'quantization',
  title: 'Qronos',
  summary:
    'GPTQ that also corrects what the compressed layers before it got wrong: the target is the original model’s output.',
  plain:
    'Rounds each layer so that it makes up for the rounding of the layers before it, judged on real data.',
  paper: {
    authors: 'Zhang, Zhang, Colbert, Saab',
    year: 2025,
    title: 'Qronos: Correcting the Past by Shaping the Future… in Post-Training Quantization',
    arxiv: '2505.11695',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'gptq',
  options,
  pictures: 'weight',
  ...uniformNames,
} as const satisfies MethodMeta<typeof options>;
