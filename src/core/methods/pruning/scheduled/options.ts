import { z } from 'zod';
import { options as healing } from '../../tuning/heal/meta.ts';
import { trainingFields } from '../../tuning/training-options.ts';
import {
  pruningFields,
  pruningShort,
  storeFields,
  type PruningOptions,
} from '../pruning-options.ts';

/** Options of methods that prune while they train. */
export const scheduledFields = {
  ...pruningFields,
  sparsity: pruningFields.sparsity.default(0.8),
  scope: z
    .enum(['tensor', 'global'])
    .default('tensor')
    .meta({
      title: 'Scope',
      when: { option: 'pattern', in: ['unstructured'] },
      description:
        '"tensor" takes the same share of every layer; "global" ranks the weights of all chosen layers together.',
    }),
  ...storeFields,
  start: z.int().min(0).max(100_000).default(0).meta({
    title: 'First pruning after',
    unit: 'steps',
    advanced: true,
    description: 'Steps that train the whole model before anything is pruned.',
  }),
  interval: z.int().min(1).max(10_000).default(10).meta({
    title: 'Prune every',
    unit: 'steps',
    description:
      'Steps between two prunings. In between, what is left learns to do without what went.',
  }),
  until: z.number().min(0).max(1).default(0.5).meta({
    title: 'Final sparsity at',
    unit: '× steps',
    step: 0.05,
    advanced: true,
    description:
      'Share of the steps after which the final sparsity stands. The rest trains the weights that are left; only they count as the best.',
  }),
  from: healing.shape.from,
  temperature: healing.shape.temperature,
  ...trainingFields,
  steps: trainingFields.steps.default(200),
  learningRate: trainingFields.learningRate.default(1e-3),
  warmup: trainingFields.warmup.default(20),
};

export type ScheduledOptions = z.infer<z.ZodObject<typeof scheduledFields>>;

/** How much each layer keeps follows from the training: no file can be planned to hold just that. */
export const OPEN_SIZE = {
  path: ['scope'],
  message:
    'with the global scope the training decides how many weights each layer keeps, so a sparse file cannot be sized before; set scope to "tensor" or store to "dense"',
};

export function isSized({ scope, store }: Pick<ScheduledOptions, 'scope' | 'store'>): boolean {
  return scope === 'tensor' || store === undefined;
}

/** At least so many steps have to come after the first pruning. */
export function leaves(steps: number) {
  return (options: Pick<ScheduledOptions, 'steps' | 'start'>): boolean =>
    options.start + steps <= options.steps;
}

export function scheduledShort(options: PruningOptions & { readonly steps: number }): string {
  return `${pruningShort(options)} ${options.steps} steps`;
}
