import { z } from 'zod';
import type { MethodMeta, Need } from '../../contract.ts';
import { denseFields } from '../dense-fields.ts';

export const options = z.strictObject({
  ...denseFields,
  quantizer: z.enum(['round-to-nearest', 'hqq', 'gptq', 'none']).default('round-to-nearest').meta({
    title: 'Quantizer',
    description:
      'How the codes of layers are chosen that no earlier step encoded: "round-to-nearest" and "hqq" look at the weights alone, with "gptq" each column makes up for the errors of those before it, which needs calibration data. Layers that an earlier step encoded keep what it stored and get the correction beside it; with "none" only layers that were changed before get one, pruned ones, too.',
  }),
  rank: z.int().min(1).max(4096).default(8).meta({
    title: 'Rank',
    description:
      'Rank of the correction beside the codes. Each further rank costs (rows + columns) numbers and takes away what rounding did most harm with of what is left.',
  }),
  basis: z.enum(['weights', 'scaled', 'moments']).default('moments').meta({
    title: 'Basis',
    description:
      'Which error the correction makes smallest: that of the weights ("weights", LoRC, needs no data), the same with each input channel counted by its mean magnitude ("scaled", LQER), or that of the layer’s output on calibration data ("moments", EoRA).',
  }),
  factors: z.enum(['float32', 'float16', '8 bits']).default('float16').meta({
    title: 'Factor type',
    advanced: true,
    description:
      'How the two thin matrices are stored. As floats they lie in the file as a LoRA adapter does, so tools for adapters find them; in 8 bits, with one half-precision scale per row, twice the rank costs about as much.',
  }),
});

export type LowRankResidualOptions = z.infer<typeof options>;

export const meta = {
  id: 'low-rank-residual',
  family: 'quantization',
  title: 'Low-rank residual',
  summary:
    'LoRC, LQER, EoRA: Ŵ = Q(W) + B·A, where B·A is the best rank-r matrix for the rounding error in a chosen metric.',
  plain:
    'Rounds the weights as usual and stores beside them a thin correction in the shape of an adapter, which brings back the worst of what rounding took.',
  paper: {
    authors:
      'Liu, Khadkevich, Fung, Sakr, Yang, Wang, Muralidharan, Yin, Cheng, Kautz, Wang, Molchanov, Chen',
    year: 2024,
    title:
      'EoRA: Fine-tuning-free Compensation for Compressed LLM with Eigenspace Low-Rank Approximation',
    arxiv: '2410.21271',
  },
  cost: 'low',
  needs: [],
  needsWith: ({ basis, quantizer }): readonly Need[] =>
    basis === 'weights' && quantizer !== 'gptq' ? [] : ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  adapter: ({ factors }) => (factors === '8 bits' ? undefined : { dropout: 0 }),
  short: ({ bits, blockSize, rank, quantizer }) =>
    quantizer === 'none' ? `rank ${rank}` : `${bits} bits ${blockSize} + rank ${rank}`,
  suffix: ({ bits, quantizer }) => (quantizer === 'none' ? undefined : `q${bits}`),
} as const satisfies MethodMeta<typeof options>;
