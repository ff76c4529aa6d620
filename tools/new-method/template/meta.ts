import { z } from 'zod';
import type { MethodMeta } from '../../../src/core/methods/contract.ts';

/** An option that other methods have is called as it is there; the form, the command line and the docs read this. */
export const options = z.strictObject({
  ratio: z.number().min(0).max(1).default(0.5).meta({
    title: 'Ratio',
    step: 0.01,
    description:
      'Nothing looks at this option yet: say here what it changes, and what a good value is.',
  }),
});

export const meta = {
  id: 'new-method',
  family: 'quantization',
  title: 'New method',
  summary: 'Changes nothing yet: here stands one line for people who know the field.',
  plain: 'Changes nothing yet: here stands one sentence for people who do not know the field.',
  cost: 'low',
  needs: [],
  // baseline: 'round-to-nearest': the method whose error is put beside this one's.
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  options,
  // 'none' where a step's effect is not that of one weight, before and after.
  pictures: 'weight',
  // What the name of a trial says after the id: "new-method 50 %".
  short: ({ ratio }) => `${Math.round(100 * ratio)} %`,
  // suffix: () => 'q4' would name the exported file model_q4.onnx.
} as const satisfies MethodMeta<typeof options>;
