import { LatheError } from '../errors/lathe-error.ts';
import type { LayerStatistics } from '../statistics/types.ts';
import type { LayerWeight, MethodMeta } from './contract.ts';

/**
 * The statistics a calibrated method cannot work without. Throws `statistics-missing`, or
 * `statistics-mismatch` when they were taken on another layer's input.
 */
export function requireStatistics(
  statistics: LayerStatistics | undefined,
  { layer }: LayerWeight,
  { title }: Pick<MethodMeta, 'title'>,
): LayerStatistics {
  if (statistics === undefined) {
    throw new LatheError(
      'statistics-missing',
      `${title} needs calibration data to know what "${layer.name}" is fed with, and none was given; add calibration data or choose a method that needs none.`,
      { layer: layer.name },
    );
  }
  if (statistics.columns === layer.inFeatures) return statistics;
  throw new LatheError(
    'statistics-mismatch',
    `The statistics for "${layer.name}" cover ${statistics.columns} columns, but its weight has ${layer.inFeatures}; collect them again for this model.`,
    { layer: layer.name },
  );
}
