import type { z } from 'zod';
import { LABELS_ONLY } from '../../../training/objective.ts';
import type { Method } from '../../contract.ts';
import { differentiable } from '../differentiable.ts';
import { trainedBytes, withHoles } from '../train-holes.ts';
import { trainedLines } from '../trained-lines.ts';
import { layerWeights, smallWeights } from '../trainable-weights.ts';
import { settingsOf } from '../training-options.ts';
import { meta, type options as schema } from './meta.ts';

export type FineTuneOptions = z.infer<typeof schema>;

/**
 * min over the chosen weights θ of −(1/n)·Σ log p_θ(label | input) by AdamW. The file keeps its size:
 * weights are written back in the type they had.
 */
export const fineTune: Method<FineTuneOptions> = {
  meta,
  plan: async ({ model }, targets, options) => {
    const { names, skipped } = layerWeights(model, targets);
    const small = options.norms && names.length > 0 ? smallWeights(model) : [];
    const trainable = [...names, ...small];
    const left = new Set(skipped.map(({ name }) => name));
    const touched = targets.filter(({ name }) => !left.has(name));
    if (trainable.length === 0) return { model, lines: [], skipped, work: [] };
    const planned = withHoles(model, trainable);
    return {
      model: planned,
      lines: trainedLines(model, planned, touched),
      skipped,
      work: [
        {
          kind: 'train',
          settings: settingsOf(options),
          setup: async (ground, { random }) => ({
            student: await differentiable(ground.model, random === undefined),
            trainable,
            objective: LABELS_ONLY,
            keepZeros: true,
            finish: (trained) => trainedBytes(trained, trainable),
          }),
        },
      ],
    };
  },
};
