import { readFileSync } from 'node:fs';
import { z } from 'zod';

const schema = z.array(
  z.object({
    name: z.string(),
    settings: z.object({
      bits: z.union([z.literal(2), z.literal(3), z.literal(4)]),
      group: z.number(),
      act_order: z.boolean().optional(),
      alpha: z.number().optional(),
    }),
    rel_out_err: z.number(),
    rel_out_err_xq: z.number().optional(),
    /** Largest eigenvalue of H = mean x̃x̃ᵀ, where damping is a share of it. */
    sigma_max: z.number().optional(),
    pass_rule: z.string(),
    /** Whether Ŵ is among the vectors. */
    stored: z.boolean(),
  }),
);

export type SecondOrderCase = z.infer<typeof schema>[number];

/** Cases of quantizers that lead errors on through second moments: GPTQ in groups' order, Qronos (see `vectors/README.md`). */
export const secondOrderCases = schema.parse(
  JSON.parse(readFileSync(new URL('vectors/second-order.json', import.meta.url), 'utf8')),
);
