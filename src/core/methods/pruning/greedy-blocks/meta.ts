import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

const places = z.array(z.int().min(0));

export const options = z.strictObject({
  part: z.enum(['block', 'sub-layer']).default('block').meta({
    title: 'Part',
    description:
      'What goes at a time: a whole block, or one sub-layer, the attention or the feed-forward part of a block. Sub-layers are a finer choice and take twice as long to find.',
  }),
  ratio: z.number().gt(0).lt(1).default(0.25).meta({
    title: 'Share that goes',
    step: 0.05,
    description:
      'Share of the blocks, or of the sub-layers, that goes, at least one. A quarter is usually bearable after some training.',
  }),
  count: z.int().min(1).optional().meta({
    title: 'Number that goes',
    description: 'How many blocks or sub-layers go. Left out, the share says it.',
  }),
  protectFirst: z.int().min(0).default(0).meta({
    title: 'First blocks that stay',
    advanced: true,
    description: 'So many blocks at the beginning are not tried, and stay.',
  }),
  protectLast: z.int().min(0).default(0).meta({
    title: 'Last blocks that stay',
    advanced: true,
    description: 'So many blocks at the end are not tried, and stay.',
  }),
  stack: z.enum(['decoder', 'encoder']).default('decoder').meta({
    title: 'Stack',
    advanced: true,
    description: 'Of a model that holds an encoder and a decoder: the one whose blocks go.',
  }),
  blocks: places.optional().meta({
    title: 'Blocks',
    decided: true,
    when: { option: 'part', in: ['block'] },
    description:
      'The numbers of the blocks that go. Left out, they are decided when the recipe runs, and written here.',
  }),
  attention: places.optional().meta({
    title: 'Attentions',
    decided: true,
    when: { option: 'part', in: ['sub-layer'] },
    description:
      'The blocks that lose their attention. Left out, they are decided when the recipe runs, and written here.',
  }),
  feedForward: places.optional().meta({
    title: 'Feed-forward parts',
    decided: true,
    when: { option: 'part', in: ['sub-layer'] },
    description:
      'The blocks that lose their feed-forward part. Left out, they are decided when the recipe runs, and written here.',
  }),
});

export type GreedyBlocksOptions = z.infer<typeof options>;

export const meta = {
  id: 'greedy-blocks',
  family: 'pruning',
  title: 'Drop blocks one by one',
  summary:
    'Cuts out the block or sub-layer without which the answers change least, measures again, and so on (SLEB, BlockPruner).',
  plain:
    'Tries the model without each of its blocks on your data, takes out the one it misses least, and starts again with what is left.',
  paper: {
    authors: 'Song et al.',
    year: 2024,
    title:
      'SLEB: Streamlining LLMs through Redundancy Verification and Elimination of Transformer Blocks',
    arxiv: '2402.09025',
  },
  cost: 'high',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'blocks',
  options,
  pictures: 'none',
  short: ({ part, ratio, count, blocks }) => {
    const share = count === undefined ? `${Math.round(ratio * 100)} %` : String(count);
    return `${part} ${part === 'block' && blocks ? blocks.join(' ') : share}`;
  },
} as const satisfies MethodMeta<typeof options>;
