import { readFileSync } from 'node:fs';
import { z } from 'zod';

const schema = z.record(
  z.string(),
  z.object({
    rank: z.number(),
    alpha: z.number().optional(),
    relativeOutputError: z.number().optional(),
    reference: z.number().optional(),
    weightedError: z.number().optional(),
    plainWeightedError: z.number().optional(),
    quantizedAlone: z.number().optional(),
    quantizedThenLowRank: z.number().optional(),
  }),
);

const cases = schema.parse(
  JSON.parse(readFileSync(new URL('vectors/low-rank.json', import.meta.url), 'utf8')),
);

/** The numbers of a case of low rank (see `vectors/README.md`). */
export function lowRankCase(name: string): z.infer<typeof schema>[string] {
  if (!(name in cases)) throw new Error(`No golden case of low rank named ${name}.`);
  return cases[name];
}
