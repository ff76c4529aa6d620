import { z } from 'zod';

const Estimate = z.object({
  value: z.number(),
  standardError: z.number().nullable(),
  n: z.number(),
});

/** What one training step of a recipe did; kept beside the file, because clocks and curves vary in length. */
export const TrainingRecordSchema = z.object({
  /** Index into `recipe.steps`. */
  step: z.number().int(),
  method: z.string(),
  /** Numbers that were trained, of how many in the model that was trained. */
  trainedParameters: z.number(),
  parameters: z.number(),
  /** What the original wrote to learn from, where it did. */
  generated: z.object({ texts: z.number().int(), tokens: z.number().int() }).optional(),
  /** Optimiser steps taken, and why it ended. */
  steps: z.number().int(),
  end: z.enum(['finished', 'no improvement', 'diverged']),
  /** At which step numbers stopped being numbers, and where in the graph that began. */
  divergence: z.string().optional(),
  /** Step whose weights are the result. */
  bestStep: z.number().int(),
  /** Nats per label on the part of the data that was kept aside, before and after. */
  before: Estimate,
  after: Estimate,
  /** [step, loss], thinned out to a few hundred points. */
  curve: z.array(z.tuple([z.number(), z.number()])),
  /** [step, held-out loss, standard error]. */
  validation: z.array(z.tuple([z.number(), z.number(), z.number()])),
  warnings: z.array(z.string()).optional(),
});

export type TrainingRecord = z.infer<typeof TrainingRecordSchema>;
