import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { compensationFields, scoreField } from '../structured/options.ts';

export const options = z.strictObject({
  ratio: z.number().min(0).max(1).default(0.25).meta({
    title: 'Ratio',
    step: 0.01,
    description:
      'Share of the feed-forward neurons that goes. The file and the work shrink with it: the feed-forward parts are about two thirds of a block.',
  }),
  scope: z.enum(['layer', 'global']).default('layer').meta({
    title: 'Scope',
    description:
      '"layer" removes the same share of every block, which keeps one width for all, as loaders of the original architecture expect; "global" ranks the neurons of all blocks together, so that blocks that matter less lose more.',
  }),
  score: scoreField('fluctuation'),
  ...compensationFields('least-squares'),
  multiple: z.int().min(1).max(1024).default(1).meta({
    title: 'Multiple',
    advanced: true,
    unit: 'neurons',
    description:
      'Widths are rounded to a multiple of this. 8 or 32 fills the vector registers of a processor and the tiles of a graphics device, so that a slightly wider layer may run faster.',
  }),
  widths: z
    .record(z.string(), z.int().min(1))
    .optional()
    .meta({
      title: 'Neurons left',
      decided: true,
      when: { option: 'scope', in: ['global'] },
      description:
        'How many neurons stay in front of each down projection. Left out, it is decided when the recipe runs, and written here.',
    }),
});

export type FfnNeuronsOptions = z.infer<typeof options>;

export const meta = {
  id: 'ffn-neurons',
  family: 'pruning',
  title: 'Feed-forward neurons',
  summary:
    'Removes neurons from the feed-forward parts (rows of up and gate, columns of down), scored and compensated from calibration.',
  plain:
    'Takes whole neurons out of the wide layers of each block and lets the others make up for them. The file really gets smaller, and faster, on every runtime.',
  paper: {
    authors: 'An, Zhao, Yu, Tang, Wang',
    year: 2023,
    title: 'Fluctuation-based Adaptive Structured Pruning for Large Language Models',
    arxiv: '2312.11983',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  options,
  pictures: 'none',
  short: ({ ratio }) => `${Math.round(ratio * 100)} %`,
} as const satisfies MethodMeta<typeof options>;
