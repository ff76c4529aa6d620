import type { ColumnOptions } from '../structured/options.ts';
import type { AttentionHeadsOptions } from './meta.ts';

/**
 * What the arithmetic of a cut takes: once it is decided which heads go, nothing is ranked any more, and structured OBS,
 * which chooses as it goes, is the least squares it ends in.
 */
export function columnOptions(
  { score, compensation, bias, damping }: AttentionHeadsOptions,
  decided: boolean,
): ColumnOptions {
  const ranked = score === 'measured' ? 'activation' : score;
  if (!decided) return { score: ranked, compensation, bias, damping };
  const refit = compensation === 'obs' ? 'least-squares' : compensation;
  return { score: 'magnitude', compensation: refit, bias, damping };
}
