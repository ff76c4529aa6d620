import { readFileSync } from 'node:fs';
import { z } from 'zod';

const tensor = z.object({ dims: z.array(z.number()), values: z.array(z.number()) });

const caseSchema = z.object({
  kind: z.enum(['attention', 'relations', 'hidden']),
  name: z.string(),
  student: tensor,
  teacher: tensor,
  /** 1 where a token may be seen, [batch, 1, tokens, tokens]. */
  mask: tensor.optional(),
  projection: tensor.optional(),
  loss: z.number(),
  gradient: tensor,
});

/** One loss with its gradient by the student's values, as PyTorch finds them. */
export type GoldenLoss = z.infer<typeof caseSchema>;

const file = new URL('./vectors/distillation_losses.json', import.meta.url);

/** What `distillation_losses.py` wrote. */
export const goldenLosses: readonly GoldenLoss[] = z
  .object({ cases: z.array(caseSchema) })
  .parse(JSON.parse(readFileSync(file, 'utf8'))).cases;
