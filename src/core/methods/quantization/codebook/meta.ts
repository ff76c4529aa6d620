import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { uniformBits } from '../uniform-bits.ts';
import { tiedWhen, uniformNames } from '../uniform-options.ts';

export const options = z
  .strictObject({
    bits: z.literal([8, 7, 6, 5, 4, 3, 2]).default(4).meta({
      title: 'Bits',
      unit: 'bits',
      description: 'How many bits each weight keeps: a table has 2 to that power entries.',
    }),
    vector: z
      .literal([1, 2, 3, 4])
      .optional()
      .transform((vector): 2 | 3 | 4 | undefined => (vector === 1 ? undefined : vector))
      .meta({
        title: 'Weights per entry',
        usual: 1,
        description:
          'With 2 to 4, entries stand for so many weights side by side (product quantization): one table for the matrix, and each weight takes only its share of the code’s bits, 8 bits for 4 weights being 2 bits each.',
      }),
    blockSize: z.literal(['channel', 'tensor', 16, 32, 64, 128, 256]).default(64).meta({
      title: 'Block size',
      description:
        '"channel" gives each output a table of its own (SqueezeLLM), which long rows are worth; "tensor" one table for the whole matrix. With a number there is one table for the matrix, in units of a scale for every so many weights. Entries of several weights always have one table for the matrix, with "channel" in units of a scale for each output.',
    }),
    scales: z.enum(['float16', 'float32']).default('float16').meta({
      title: 'Number type',
      advanced: true,
      description:
        'How entries of tables, and scales, are stored; half precision takes half the room.',
    }),
    weighted: z.boolean().default(false).meta({
      title: 'Weigh by activations',
      description:
        'Lets each weight count as much as the mean square of the input it is multiplied with on calibration data (the diagonal of the Hessian). Embeddings count all the same.',
    }),
    sequential: z
      .boolean()
      .default(true)
      .meta({
        title: 'Sequential',
        advanced: true,
        when: { option: 'weighted', in: [true] },
        description:
          'Each layer is calibrated on what the already compressed layers before it produce, so that their errors are corrected too. Slower, usually better.',
      }),
    tied: tiedWhen('weighted'),
  })
  .refine(({ vector = 1, bits }) => vector === 1 || bits >= 4, {
    path: ['bits'],
    message:
      'a table of vectors has 16 to 256 entries, so its codes take 4 to 8 bits; set bits to 4 or more, or vector to 1',
  });

/** Bits of a code for each weight that it stands for. */
export function bitsPerWeight({ bits, vector }: z.infer<typeof options>): number {
  return bits / (vector ?? 1);
}

export const meta = {
  id: 'codebook',
  family: 'quantization',
  title: 'Codebook',
  summary:
    'Tables of values by exact (weighted) k-means in one dimension, per output, per matrix, or per matrix under block scales; tables of vectors of 2 to 4 weights by k-means++ and Lloyd.',
  plain:
    'Finds the few values that stand for all weights with the least error there can be, and stores for each weight which one it is.',
  paper: {
    authors: 'Kim, Hooper, Gholami et al.',
    year: 2023,
    title: 'SqueezeLLM: Dense-and-Sparse Quantization',
    arxiv: '2306.07629',
  },
  cost: 'low',
  needs: [],
  needsWith: ({ weighted }) => (weighted ? ['calibration'] : []),
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'round-to-nearest',
  baselineOptions: (given) => ({ bits: uniformBits(bitsPerWeight(given)) }),
  options,
  pictures: 'weight',
  ...uniformNames,
  suffix: (given) => `q${uniformBits(bitsPerWeight(given))}`,
  short: ({ bits, vector, blockSize, weighted }) =>
    `${bits} bits${vector ? ` for ${vector}` : ''} ${blockSize}${weighted ? ' weighted' : ''}`,
} as const satisfies MethodMeta<typeof options>;
