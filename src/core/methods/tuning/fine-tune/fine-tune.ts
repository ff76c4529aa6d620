import type { z } from 'zod';
import { LABELS_ONLY } from '../../../training/objective.ts';
import type { TrainingMethod } from '../../contract.ts';
import { layerWeights, smallWeights } from '../trainable-weights.ts';
import { settingsOf } from '../training-options.ts';
import { meta, type options as schema } from './meta.ts';

export type FineTuneOptions = z.infer<typeof schema>;

/**
 * min over the chosen weights θ of −(1/n)·Σ log p_θ(label | input) by AdamW. The file keeps its size:
 * weights are written back in the type they had.
 */
export const fineTune: TrainingMethod<FineTuneOptions> = {
  kind: 'training',
  meta,
  prepare: async (model, _anatomy, targets, options) => {
    const { names, skipped } = layerWeights(model, targets);
    const left = new Set(skipped.map(({ name }) => name));
    const small = options.norms && names.length > 0 ? smallWeights(model.graph) : [];
    return {
      student: model,
      trainable: [...names, ...small],
      objective: LABELS_ONLY,
      keepZeros: true,
      settings: settingsOf(options),
      touched: targets.map(({ name }) => name).filter((name) => !left.has(name)),
      skipped,
      finish: async (trained) => trained,
      planned: model,
    };
  },
};
