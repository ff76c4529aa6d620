import { z } from 'zod';

type UniformOptions = {
  readonly bits: number | string;
  readonly blockSize: number | string;
};

/** Names that every method with a uniform grid gives to trials and files. */
export const uniformNames = {
  short: ({ bits, blockSize }: UniformOptions): string => `${bits} bits ${blockSize}`,
  suffix: ({ bits }: UniformOptions): string => `q${bits}`,
};

/** Options that every method with a uniform grid has, with the same names, defaults and help. */
export const uniformFields = {
  bits: z.literal([8, 4, 3, 2]).default(4).meta({
    title: 'Bits',
    unit: 'bits',
    description:
      'How many bits each weight keeps. 8 is nearly lossless, 4 is the usual choice, 3 and 2 need calibration to stay usable.',
  }),
  blockSize: z.literal([16, 32, 64, 128, 256, 'channel', 'tensor']).default(32).meta({
    title: 'Block size',
    description:
      'How many weights share one scale. Smaller blocks follow the weights more closely but store more scales; "channel" gives each output one scale, "tensor" one for the whole matrix.',
  }),
  symmetric: z.boolean().default(true).meta({
    title: 'Symmetric',
    description:
      'Symmetric grids are centred on zero and store only a scale. Asymmetric grids also store a zero point, which helps where weights lean to one side.',
  }),
  clip: z.enum(['none', 'mse', 'exact', 'octav', 'search']).default('none').meta({
    title: 'Clipping',
    advanced: true,
    description:
      'Narrows the range of each block: a few large weights are cut so that the many small ones are kept more exactly. "search" tries some 200 scales and usually wins, "exact" and "octav" compute the clip at once, "mse" tries 80 ranges.',
  }),
  scales: z.enum(['float32', 'float16']).default('float32').meta({
    title: 'Scale type',
    advanced: true,
    description:
      'Half-precision scales save 16 bits per block (half a bit per weight at block 32) and change the weights by less than a twentieth of a percent.',
  }),
};
