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
  bits: z.literal([8, 6, 5, 4, 3, 2]).default(4).meta({
    title: 'Bits',
    unit: 'bits',
    description:
      'How many bits each weight keeps. 8 is nearly lossless, 4 is the usual choice, 3 and 2 need calibration to stay usable. 8, 4 and 2 run on a kernel of their own; 6, 5 and 3 are unpacked by standard operators, which is slower.',
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

/**
 * Options of methods whose grids may be stored more tightly, and chosen by what they do to the output. WHY usual
 * values are left out of the parsed options: recipes from before stay what they were, to the byte.
 */
export const gridFields = {
  clip: z.enum(['none', 'mse', 'output']).default('none').meta({
    title: 'Clipping',
    advanced: true,
    description:
      'With "mse" the range of each block is narrowed as long as the total error of its weights falls. With "output" each block gets the range whose error on the layer’s output is smallest, judged when the block’s turn comes; with it, scales and zero points may be coded tightly at little loss.',
  }),
  scales: z.enum(['float32', 'float16', '8 bits', '6 bits', '4 bits']).default('float32').meta({
    title: 'Scale type',
    advanced: true,
    description:
      'Half-precision scales save 16 bits per block (half a bit per weight at block 32) and change the weights by less than a twentieth of a percent. In 8, 6 or 4 bits each scale is one of a few shares of its row’s largest, which leaves room for blocks of 16; such weights are unpacked by standard operators, but for 4 and 2 bits with whole zero points, which keep their kernel.',
  }),
  zeros: z
    .enum(['codes', 'packed', 'half codes'])
    .optional()
    .transform((zeros) => (zeros === 'codes' ? undefined : zeros))
    .meta({
      title: 'Zero points',
      advanced: true,
      usual: 'codes',
      when: { option: 'symmetric', in: [false] },
      description:
        'How zero points are stored: as the kernels want them ("codes", a byte each where no kernel runs), "packed" in as many bits as a weight has, or as "half codes" in one bit more, so that zero may also lie between two codes. Half codes help most at 2 and 3 bits.',
    }),
  refine: z
    .int()
    .min(0)
    .max(50)
    .optional()
    .transform((refine) => (refine === 0 ? undefined : refine))
    .meta({
      title: 'Refinement',
      advanced: true,
      usual: 0,
      unit: 'rounds',
      description:
        'How often scales, zero points and codes are gone through once more, each set to the best while the others stay. The error on the output never rises; most is gained in 4 rounds, mainly at 2 and 3 bits.',
    }),
};

/**
 * Of methods whose values data decides. WHY the usual value is left out of the parsed options: recipes from before stay what
 * they were.
 */
export const tied = z
  .enum(['together', 'apart'])
  .optional()
  .transform((how) => (how === 'together' ? undefined : how))
  .meta({
    title: 'Tied table',
    advanced: true,
    usual: 'together',
    description:
      'Where the output head reads the embedding’s own table and the step works on both: "together" stores it once, chosen for the head’s outputs, and the embedding reads the same codes; "apart" gives the head codes of its own, which takes that much more room.',
  });

/** The same where data decides only with this value of an option. */
export function tiedWhen(option: string, value: string | true = true) {
  return tied.meta({ ...tied.meta(), when: { option, in: [value] } });
}

/** Whether look-ups read what was chosen for the product over the same table. */
export const tiesTogether = (options: { readonly tied?: 'apart' | undefined }): boolean =>
  options.tied !== 'apart';

type Searching = {
  readonly clip: string;
  readonly staticGroups: boolean;
};

/** A grid that is found when the sweep reaches its block cannot be known before. */
export function searchesWhatMoves({ clip, staticGroups }: Searching): boolean {
  return clip !== 'output' || !staticGroups;
}

export const SEARCH_PROBLEM = {
  path: ['clip'],
  message:
    'the range with the smallest error on the output is found when the sweep reaches a block, and fixed grids are found before; set staticGroups to false or clip to "mse"',
};
