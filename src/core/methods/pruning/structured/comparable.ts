import type { ColumnOptions, ColumnScore } from './options.ts';

/** Scores that estimate what the whole model loses: of all layers alike. */
const LOSSES: readonly ColumnScore[] = ['taylor', 'fisher'];

/**
 * Scores of one layer's units, made comparable with those of other layers: (s − mean)/deviation over the layer's units,
 * as FLAP does; scores that estimate the model's loss stay as they are. Source: An et al. 2023, eq. 7.
 */
export function comparable(
  scores: Float64Array,
  { score, compensation }: Pick<ColumnOptions, 'score' | 'compensation'>,
): Float64Array {
  if (compensation !== 'obs' && LOSSES.includes(score)) return scores;
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const variance = scores.reduce((sum, s) => sum + (s - mean) ** 2, 0) / scores.length;
  return scores.map((s) => (variance > 0 ? (s - mean) / Math.sqrt(variance) : 0));
}
