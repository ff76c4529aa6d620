import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { compensationFields, scoreField } from '../structured/options.ts';

export const options = z.strictObject({
  ratio: z.number().gt(0).lt(1).default(0.25).meta({
    title: 'Ratio',
    step: 0.01,
    description:
      'Share of the bytes of all blocks that goes. Some of it as whole attentions, the rest as neurons, equally many of each block.',
  }),
  alpha: z.number().gt(0).default(1.5).meta({
    title: 'Attention exponent',
    advanced: true,
    step: 0.1,
    description:
      'How the ratio is split: of L blocks, L · ratio^((feed-forward bytes / attention bytes) / alpha) lose their attention. More takes more attentions and fewer neurons; the paper found 1.5.',
  }),
  score: scoreField('activation'),
  ...compensationFields('none'),
  multiple: z.int().min(1).max(1024).default(1).meta({
    title: 'Multiple',
    advanced: true,
    unit: 'neurons',
    description: 'The width that is left is rounded to a multiple of this.',
  }),
  stack: z.enum(['decoder', 'encoder']).default('decoder').meta({
    title: 'Stack',
    advanced: true,
    description: 'Of a model that holds an encoder and a decoder: the one that is cut.',
  }),
  attention: z.array(z.int().min(0)).optional().meta({
    title: 'Attentions',
    decided: true,
    description:
      'The blocks that lose their attention. Left out, they are decided when the recipe runs, and written here.',
  }),
});

export type TwoStageOptions = z.infer<typeof options>;

export const meta = {
  id: 'two-stage',
  family: 'pruning',
  title: 'Neurons, then attentions',
  summary:
    'Splits one budget by formula: neurons of equal number in each block by the norm of what they say, whole attentions one by one by measured loss (2SSP).',
  plain:
    'Makes each step of the model a little narrower and takes out the attentions that your data does not need, in the proportion that keeps most.',
  paper: {
    authors: 'Sandri, Cunegatti, Iacca',
    year: 2025,
    title: '2SSP: A Two-Stage Framework for Structured Pruning of LLMs',
    arxiv: '2501.17771',
  },
  cost: 'high',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'ffn-neurons',
  options,
  pictures: 'none',
  short: ({ ratio, attention }) =>
    `${Math.round(ratio * 100)} %${attention && attention.length > 0 ? ` without ${attention.join(' ')}` : ''}`,
} as const satisfies MethodMeta<typeof options>;
