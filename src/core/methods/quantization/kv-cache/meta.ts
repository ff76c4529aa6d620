import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({
  bits: z.literal([8, 4]).default(8).meta({
    title: 'Bits',
    description:
      'How many bits each number of the cache takes. 8 is practically free; 4 halves the cache once more, two codes in a byte.',
  }),
  keys: z.enum(['channel', 'token']).default('channel').meta({
    title: 'Scales of keys',
    description:
      'What shares one range among the keys. "channel": a range for each channel of each head, fixed by calibration, because a few channels of keys are large for every token (KIVI); calibrate on texts as long as those to come, as what lies beyond a range is cut. "token": a range for each token and head, computed as it comes, as values always have; it needs no data.',
  }),
});

export type KvCacheOptions = z.infer<typeof options>;

export const meta = {
  id: 'kv-cache',
  family: 'quantization',
  title: 'Key/value cache',
  summary:
    'Stores the key/value cache as int8 or int4, keys per channel and values per token. The file keeps its size; the cache takes a quarter to an eighth.',
  plain:
    'Keeps what the model remembers of a text in fewer bits, so that long texts take less memory. The file itself does not get smaller.',
  paper: {
    authors: 'Liu et al.',
    year: 2024,
    title: 'KIVI: A Tuning-Free Asymmetric 2bit Quantization for KV Cache',
    arxiv: '2402.02750',
  },
  cost: 'low',
  needs: [],
  needsWith: ({ keys }) => (keys === 'channel' ? ['calibration'] : []),
  accepts: ['MatMul', 'Gemm', 'Conv'],
  touchesCache: true,
  shrinks: 'cache',
  options,
  pictures: 'none',
  short: ({ bits, keys }) => `${bits} bits${keys === 'token' ? ', keys per token' : ''}`,
} as const satisfies MethodMeta<typeof options>;
