import { trainKneserNey } from '../baselines/kneser-ney.ts';
import { toMetric } from '../../../src/core/metrics/estimate.ts';
import { perplexity } from '../../../src/core/metrics/perplexity.ts';
import type { Baseline } from '../entry.ts';

const KINDS = { single: 'one discount', modified: 'three discounts' } as const;

/**
 * Trigram models with interpolated Kneser–Ney smoothing on the same passages and tokens, both
 * kinds of discounts. Each passage begins with the start token, for them as for the model.
 */
export function trigramBaselines(
  training: readonly (readonly number[])[],
  evaluation: readonly (readonly number[])[],
  vocabularySize: number,
): Baseline[] {
  return (['single', 'modified'] as const).map((discounts) => {
    const { probability } = trainKneserNey(training, { vocabularySize, discounts });
    const nll = evaluation.flatMap((ids) =>
      ids.slice(1).map((id, k) => -Math.log(probability(ids[Math.max(0, k - 1)], ids[k], id))),
    );
    const lengths = evaluation.map((ids) => ids.length - 1);
    return {
      name: `trigram, interpolated Kneser–Ney, ${KINDS[discounts]}: perplexity`,
      metric: toMetric(perplexity(nll, lengths)),
    };
  });
}
