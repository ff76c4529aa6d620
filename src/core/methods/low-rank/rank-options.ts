import { z } from 'zod';

/** Which way the ranks of layers are chosen. */
export const RANKS = ['ratio', 'fixed', 'energy', 'loss', 'budget'] as const;

/** Options that every low-rank method has. */
export const rankFields = {
  ranks: z.enum(RANKS).default('ratio').meta({
    title: 'Ranks',
    description:
      'How the rank of each layer is chosen. "ratio" keeps the same share of the bytes everywhere, "fixed" the same rank, "energy" as much of the squared singular values; "loss" keeps a share of the bytes over all layers together and gives it to the layers that would lose most, "budget" does so for the bytes of the whole file.',
  }),
  ratio: z
    .number()
    .min(0.01)
    .max(1)
    .default(0.6)
    .meta({
      title: 'Share of bytes',
      step: 0.05,
      when: { option: 'ranks', in: ['ratio', 'loss'] },
      description:
        'Bytes of the two factors as a share of the weight’s. At 1 the rank is just below break-even, r < mn/(m+n), above which two factors are larger than the weight.',
    }),
  rank: z
    .int()
    .min(1)
    .default(16)
    .meta({
      title: 'Rank',
      when: { option: 'ranks', in: ['fixed'] },
      description:
        'Columns of the first and rows of the second factor. A layer for which this is at or above break-even is left as it is.',
    }),
  energy: z
    .number()
    .min(0.01)
    .max(1)
    .default(0.9)
    .meta({
      title: 'Energy',
      step: 0.01,
      when: { option: 'ranks', in: ['energy'] },
      description:
        'Share of the sum of squared singular values to keep: what is cut is the rest. A layer that needs a rank at or above break-even for it is left as it is.',
    }),
  budget: z
    .int()
    .min(1)
    .optional()
    .meta({
      title: 'Budget',
      unit: 'bytes',
      when: { option: 'ranks', in: ['budget'] },
      description:
        'The most bytes the whole file may take. Ranks go to the layers whose relative error falls most for each byte.',
    }),
  rankPerLayer: z
    .record(z.string(), z.int().min(1))
    .optional()
    .meta({
      title: 'Rank per layer',
      decided: true,
      when: { option: 'ranks', in: ['energy', 'loss', 'budget'] },
      description:
        'The ranks that were decided, by layer. Left out, they are decided when the recipe runs, and written here.',
    }),
  factors: z.enum(['float32', 'float16']).default('float32').meta({
    title: 'Factor type',
    advanced: true,
    description:
      'Half-precision factors take half the bytes, so that twice the rank costs as much, and change the weight by less than a twentieth of a percent.',
  }),
};

/** What low-rank methods share of their options. */
export type RankOptions = z.infer<z.ZodObject<typeof rankFields>>;

/** Names that every low-rank method gives to trials. */
export const rankNames = {
  short: ({ ranks, ratio, rank, energy }: RankOptions): string => {
    if (ranks === 'fixed') return `rank ${rank}`;
    if (ranks === 'energy') return `${Math.round(energy * 100)} % energy`;
    return ranks === 'budget' ? 'budget' : `${Math.round(ratio * 100)} % ${ranks}`;
  },
};
