import { readFileSync } from 'node:fs';
import { z } from 'zod';

const schema = z.object({
  smoothquant: z.array(
    z.object({
      name: z.string(),
      alpha: z.number(),
      rel_out_err: z.number(),
      /** Of the whole W8A8 product, with one range for all inputs or one for each row. */
      per_tensor: z.number(),
      per_token: z.number(),
      plain_per_tensor: z.number(),
      plain_per_token: z.number(),
      pass_rule: z.string(),
    }),
  ),
  split: z.array(
    z.object({
      name: z.string(),
      threshold: z.number(),
      /** Standard deviation of all of X. */
      sigma: z.number(),
      outlier_columns: z.array(z.number()),
      y_rel_err: z.number(),
      pass_rule: z.string(),
    }),
  ),
});

/** Cases of int8 weights and inputs: SmoothQuant, and the split of LLM.int8() (see `vectors/README.md`). */
export const activationCases = schema.parse(
  JSON.parse(readFileSync(new URL('vectors/activations.json', import.meta.url), 'utf8')),
);
