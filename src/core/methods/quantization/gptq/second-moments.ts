import type { Layer } from '../../../anatomy/types.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { LayerStatistics } from '../../../statistics/types.ts';

/** H = XᵀX. Throws `statistics-missing` when only channel norms were collected. */
export function secondMomentsOf(statistics: LayerStatistics, layer: Layer): Float32Array {
  if (statistics.secondMoments !== undefined) return statistics.secondMoments;
  throw new LatheError(
    'statistics-missing',
    `GPTQ needs the second moments of the input of "${layer.name}", and only its channel norms were collected; collect them again with second moments.`,
    { layer: layer.name },
  );
}
