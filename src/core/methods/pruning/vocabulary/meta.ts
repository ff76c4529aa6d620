import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({
  coverage: z.number().min(0).max(1).default(1).meta({
    title: 'Coverage',
    step: 0.001,
    description:
      'Share of the calibration text whose tokens stay, the most frequent first: 1 keeps every token that occurs. Texts are still read whole: a dropped token is spelled by the ones that stay.',
  }),
  keep: z.int().min(1).optional().meta({
    title: 'Tokens kept',
    unit: 'tokens',
    advanced: true,
    description:
      'How many tokens stay in all, in place of a coverage. Special tokens and those that spell any text stay in any case.',
  }),
  tokens: z
    .string()
    .max(4194304)
    .regex(/^[\w-]*$/)
    .optional()
    .meta({
      title: 'Tokens',
      decided: true,
      description:
        'Which tokens stay, a bit each, six in a character. Left out, it is decided from the calibration text when the recipe runs, and written here.',
    }),
  unseen: z.int().min(0).optional().meta({
    title: 'Tokens kept unseen',
    decided: true,
    description: 'How many of these the calibration text does not hold.',
  }),
});

export const meta = {
  id: 'vocabulary',
  family: 'pruning',
  title: 'Vocabulary',
  summary:
    'Drops the rows of the embedding and of the output head whose tokens a text does not need; the tokenizer follows.',
  plain:
    'A model knows tens of thousands of pieces of words, of which your texts need few: the others are taken out of it and of its tokenizer.',
  paper: {
    authors: 'Abdaoui, Pradel, Sigel',
    year: 2020,
    title: 'Load What You Need: Smaller Versions of Multilingual BERT',
    arxiv: '2010.05609',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['Gather', 'MatMul', 'Gemm'],
  options,
  pictures: 'none',
  short: ({ coverage, keep }) =>
    keep === undefined ? `${Number((100 * coverage).toFixed(1))} %` : String(keep),
} as const satisfies MethodMeta<typeof options>;
