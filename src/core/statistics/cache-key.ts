import type { StatisticsNeeds } from './types.ts';

/** What statistics depend on. Hashes are lower-case hexadecimal SHA-256. */
export interface StatisticsSource {
  /** Of the model the activations come from: the original, or the result of the steps before. */
  readonly modelSha256: string;
  readonly calibrationSha256: string;
  readonly samples: number;
  readonly length: number;
}

/**
 * Under which name a layer's statistics are stored, so that every method on the same model and
 * calibration shares them. Statistics with XᵀX and without are two entries; sequential statistics
 * depend on the method that runs and are never stored (undefined).
 */
export function statisticsKey(
  source: StatisticsSource,
  layer: string,
  needs: StatisticsNeeds,
): string | undefined {
  if (needs.sequential) return undefined;
  const { modelSha256, calibrationSha256, samples, length } = source;
  const kind = needs.secondMoments ? 'second-moments' : 'channels';
  return ['statistics', modelSha256, calibrationSha256, `${samples}x${length}`, kind, layer].join(
    '/',
  );
}
