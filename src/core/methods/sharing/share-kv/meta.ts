import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { sizeField, valuesField } from '../share-options.ts';

export const options = z.strictObject({ ...sizeField, ...valuesField });

export const meta = {
  id: 'share-kv',
  family: 'sharing',
  title: 'Share keys and values',
  summary:
    'Neighbouring blocks read one key and one value projection. The file shrinks by them; caches keep their size.',
  plain:
    'Lets neighbouring steps of the model look things up by the same keys and values. It saves little, because these weights are small where it hurts least.',
  paper: {
    authors: 'Brandon et al.',
    year: 2024,
    title: 'Reducing Transformer Key-Value Cache Size with Cross-Layer Attention',
    arxiv: '2405.12981',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm'],
  baseline: 'share-blocks',
  options,
  pictures: 'none',
  short: ({ size }) => String(size),
} as const satisfies MethodMeta<typeof options>;
