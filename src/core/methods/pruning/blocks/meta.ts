import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({
  part: z.enum(['block', 'attention', 'feed-forward']).default('block').meta({
    title: 'Part',
    description:
      'What goes: whole blocks, or only the attention or only the feed-forward part of some, each with its norm and its sum. Attentions cost the most time on long texts, feed-forward parts the most bytes.',
  }),
  ratio: z.number().gt(0).lt(1).default(0.25).meta({
    title: 'Share that goes',
    step: 0.05,
    description:
      'Share of the blocks that lose the part, at least one. A quarter is usually bearable after some training.',
  }),
  count: z.int().min(1).optional().meta({
    title: 'Number that goes',
    description: 'How many blocks lose the part. Left out, the share says it.',
  }),
  score: z.enum(['influence', 'measured', 'last']).default('influence').meta({
    title: 'Which ones',
    description:
      '"influence" takes those whose output points most nearly where their input points. "measured" tries each on calibration data and takes those that change the answers least. "last" takes the last ones and looks at no data.',
  }),
  contiguous: z.boolean().default(false).meta({
    title: 'Side by side',
    advanced: true,
    description:
      'Takes blocks that stand next to each other, those between whose first input and last output least happens.',
  }),
  protectFirst: z.int().min(0).default(1).meta({
    title: 'First blocks that stay',
    advanced: true,
    description: 'So many blocks at the beginning stay: nothing can stand for the first one.',
  }),
  protectLast: z.int().min(0).default(0).meta({
    title: 'Last blocks that stay',
    advanced: true,
    description: 'So many blocks at the end stay, whatever their score says.',
  }),
  stack: z.enum(['decoder', 'encoder']).default('decoder').meta({
    title: 'Stack',
    advanced: true,
    description: 'Of a model that holds an encoder and a decoder: the one whose blocks go.',
  }),
  blocks: z.array(z.int().min(0)).min(1).optional().meta({
    title: 'Blocks',
    decided: true,
    description:
      'The numbers of the blocks that lose the part. Left out, they are decided when the recipe runs, and written here.',
  }),
});

export type BlocksOptions = z.infer<typeof options>;

export const meta = {
  id: 'blocks',
  family: 'pruning',
  title: 'Drop blocks',
  summary:
    'Cuts whole blocks, attentions or feed-forward parts out of the graph, caches included; chosen by influence, by measured loss, or from the end.',
  plain:
    'Takes out the steps of the model that change the least of what passes through them. The file gets smaller and the model faster at once.',
  paper: {
    authors: 'Men et al.',
    year: 2024,
    title: 'ShortGPT: Layers in Large Language Models are More Redundant Than You Expect',
    arxiv: '2403.03853',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  options,
  pictures: 'none',
  cuts: {
    part: 'blocks',
    naming: ({ stack, blocks }) => ({ part: 'block', stack, blocks: [...blocks] }),
    named: ({ part, stack, blocks }) =>
      part === 'block' && blocks !== undefined ? { stack, blocks, heads: {} } : undefined,
  },
  short: ({ part, ratio, count, blocks }) => {
    const share = count === undefined ? `${Math.round(ratio * 100)} %` : String(count);
    return `${part} ${blocks === undefined ? share : blocks.join(' ')}`;
  },
} as const satisfies MethodMeta<typeof options>;
