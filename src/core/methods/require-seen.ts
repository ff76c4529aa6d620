import { LatheError } from '../errors/lathe-error.ts';
import { inputOf } from '../statistics/look.ts';
import type { Seen } from '../statistics/seen.ts';
import type { ResultOf, Take } from '../statistics/take.ts';
import type { LayerWeight, MethodMeta } from './contract.ts';

/**
 * What a calibrated method cannot work without, of the rows its layer multiplies. Throws
 * `statistics-missing`, or `statistics-mismatch` when it was taken on another layer's input.
 */
export function requireSeen<T extends Take>(
  seen: Seen,
  take: T,
  { layer }: LayerWeight,
  { title }: Pick<MethodMeta, 'title'>,
): ResultOf<T> {
  const found = seen.at(inputOf(layer), take);
  if (found === undefined) {
    throw new LatheError(
      'statistics-missing',
      `${title} needs calibration data to know what "${layer.name}" is fed with, and none was given; add calibration data or choose a method that needs none.`,
      { layer: layer.name },
    );
  }
  const { columns } = found;
  if (columns === layer.inFeatures) return found;
  throw new LatheError(
    'statistics-mismatch',
    `The statistics for "${layer.name}" cover ${Number(columns)} columns, but its weight has ${layer.inFeatures}; collect them again for this model.`,
    { layer: layer.name },
  );
}
