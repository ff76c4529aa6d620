import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { compensationFields, scoreField } from '../structured/options.ts';

export const options = z.strictObject({
  ratio: z.number().min(0).max(1).default(0.25).meta({
    title: 'Ratio',
    step: 0.01,
    description:
      'Share of the heads of each attention that goes, rounded to whole heads. Caches get smaller with the keys and values that go.',
  }),
  count: z.int().min(1).optional().meta({
    title: 'Count',
    advanced: true,
    unit: 'heads',
    description: 'How many query heads of each attention go; stands in for the ratio.',
  }),
  unit: z.enum(['kv-groups', 'heads']).default('kv-groups').meta({
    title: 'Unit',
    description:
      '"kv-groups" removes keys and values with all the queries that share them (one head, where each has its own); "heads" removes single queries, equally many of each group, and keeps all keys and values.',
  }),
  score: scoreField<'measured'>('activation', {
    measured: '"measured" keeps the heads whose loss changes the model\'s answers most (slower)',
  }),
  ...compensationFields('least-squares'),
  heads: z
    .record(z.string(), z.array(z.int().min(0)))
    .optional()
    .meta({
      title: 'Heads that go',
      decided: true,
      description:
        'Which query heads go, by output projection of the attention. Left out, it is decided when the recipe runs, and written here; what is written here by hand goes.',
    }),
});

export type AttentionHeadsOptions = z.infer<typeof options>;

export const meta = {
  id: 'attention-heads',
  family: 'pruning',
  title: 'Attention heads',
  summary:
    'Removes attention heads, or key/value heads with their queries: columns of the output projection, rows of query, key and value, and the cache.',
  plain:
    'Takes whole attention heads out of each block and lets the others make up for them. The file gets smaller, and so does the memory of a conversation.',
  paper: {
    authors: 'Michel, Levy, Neubig',
    year: 2019,
    title: 'Are Sixteen Heads Really Better than One?',
    arxiv: '1905.10650',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  touchesCache: true,
  options,
  pictures: 'none',
  cuts: {
    part: 'heads',
    naming: ({ heads }) => ({
      heads: Object.fromEntries(Object.entries(heads).map(([name, gone]) => [name, [...gone]])),
    }),
    named: ({ heads }) =>
      heads === undefined ? undefined : { stack: 'decoder', blocks: [], heads },
  },
  short: ({ ratio, count, heads }) =>
    heads === undefined && count === undefined
      ? `${Math.round(ratio * 100)} %`
      : `${count ?? mostOf(heads)} heads`,
} as const satisfies MethodMeta<typeof options>;

function mostOf(heads: AttentionHeadsOptions['heads'] = {}): number {
  return Math.max(0, ...Object.values(heads).map(({ length }) => length));
}
