import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { uniformFields } from '../uniform-options.ts';

/** Methods that a layer can be given, in the order in which equals win; beside each entry its code in `choosable.ts`. */
export const CHOOSABLE = ['gptq', 'qronos', 'round-to-nearest', 'hqq'] as const;

/** Numbers of bits that quantizers with a uniform grid take, from the fewest on. */
export const WIDTHS = [...uniformFields.bits.unwrap().values].sort((a, b) => a - b);

const BLOCKS = [16, 32, 64, 128, 256, 'channel'] as const;

const method = z.enum(CHOOSABLE);
const blockSize = z.literal(BLOCKS);

const chosen = z.strictObject({
  method,
  bits: uniformFields.bits.unwrap(),
  blockSize,
  layers: z.array(z.string()),
});

export const options = z.strictObject({
  aim: z.enum(['loss', 'size']).default('loss').meta({
    title: 'Aim',
    description:
      'What is given: with "loss" how far the answers may move, and the file becomes as small as that allows; with "size" how large the file may be, and it becomes as good as that allows.',
  }),
  loss: z
    .number()
    .min(0.0001)
    .max(10)
    .default(0.01)
    .meta({
      title: 'Loss',
      step: 0.005,
      when: { option: 'aim', in: ['loss'] },
      description:
        'How much may be lost, as a share: at 0.01 the mean KL divergence from the model before is at most ln 1.01 nats on calibration data, which is what makes perplexity grow by 1 % on text of the model’s own. Of models that score nothing, the relative squared distance of the output.',
    }),
  budget: z
    .int()
    .min(1)
    .optional()
    .meta({
      title: 'Budget',
      unit: 'bytes',
      when: { option: 'aim', in: ['size'] },
      description:
        'The most bytes the whole file may take. Bits go to the layers where they lower the measured loss most for each byte.',
    }),
  methods: z
    .union([z.enum(['best', ...CHOOSABLE]), z.array(method).min(1)])
    .default('best')
    .meta({
      title: 'Methods',
      description:
        'Which methods a layer may be given. "best" is GPTQ, and rounding to nearest for look-ups and whatever shares their weights; a recipe may also list several.',
    }),
  minBits: z.literal(WIDTHS).default(WIDTHS[0]).meta({
    title: 'Fewest bits',
    unit: 'bits',
    description: 'No layer gets fewer bits for each weight than this.',
  }),
  maxBits: z
    .literal(WIDTHS)
    .default(WIDTHS[WIDTHS.length - 1])
    .meta({
      title: 'Most bits',
      unit: 'bits',
      description:
        'No layer gets more bits for each weight than this, unless it is left as it is because that is worth its bytes.',
    }),
  blockSizes: z
    .union([z.literal(['several', ...BLOCKS]), z.array(blockSize).min(1)])
    .default('several')
    .meta({
      title: 'Block sizes',
      description:
        'How many weights may share one scale. "several" lets each layer have 32, 64 or 128 (of fitted grids 16, 32 or 64); a recipe may also list others. Smaller blocks follow the weights more closely but store more scales.',
    }),
  symmetric: uniformFields.symmetric,
  scales: uniformFields.scales,
  grids: z
    .enum(['plain', 'fitted'])
    .optional()
    .transform((grids) => (grids === 'plain' ? undefined : grids))
    .meta({
      title: 'Grids',
      advanced: true,
      usual: 'plain',
      description:
        'With "fitted" the methods that look at data choose each block’s range by the error of the output, refine it, and code scales and zero points in 6 bits and as many as a weight has; look-ups get ranges of the least error, with zero points. Better for each byte and slower: such weights are unpacked by standard operators, but for 8, 4 and 2 bits.',
    }),
  sensitivity: z.enum(['measured', 'linear', 'output', 'weight']).default('measured').meta({
    title: 'Sensitivity',
    advanced: true,
    description:
      'How it is known what a layer loses: "measured" runs the model with that layer alone compressed, for each number of bits; "linear" once with noise in its weight, taken in proportion; "output" and "weight" go by the relative error of its output or weight and run nothing.',
  }),
  chosen: z.array(chosen).optional().meta({
    title: 'Chosen for each layer',
    decided: true,
    description:
      'Which layers get which method, bits and block size; those that are not listed stay as they are. Left out, it is decided when the recipe runs, and written here.',
  }),
});

export type MixedPrecisionOptions = z.infer<typeof options>;

function goal({ aim, loss, budget = 0 }: MixedPrecisionOptions): string {
  if (aim === 'loss') return `loss ${Number((loss * 100).toPrecision(3))} %`;
  return budget >= 1e6
    ? `fit ${Number((budget / 1e6).toPrecision(3))} MB`
    : `fit ${Number((budget / 1e3).toPrecision(3))} kB`;
}

export const meta = {
  id: 'mixed-precision',
  family: 'quantization',
  title: 'Mixed precision',
  summary:
    'Method, bits and block size of each layer by measured loss: an exact knapsack over KL of one layer at a time, corrected by measuring the whole.',
  plain:
    'Finds out which parts of the model need many bits and which get by with few, so that the file fits a size, or loses no more than you allow.',
  paper: {
    authors: 'Malinovskii, Panferov, Ilin, Guo, Richtárik, Alistarh',
    year: 2024,
    title: 'Pushing the Limits of Large Language Model Quantization via the Linearity Theorem',
    arxiv: '2411.17525',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'round-to-nearest',
  // Within a size the baseline decides, too: by weight error, within the same size.
  baselineOptions: ({ aim, budget }) => (aim === 'size' ? { bits: 'auto', budget } : {}),
  options,
  pictures: 'none',
  short: goal,
  // A file of several widths goes by its narrowest, as one of several steps does.
  suffix: ({ chosen: found = [] }) => `q${Math.min(8, ...found.map(({ bits }) => bits))}`,
} as const satisfies MethodMeta<typeof options>;
