import { captureSequentially } from '../../runtime/capture-sequential.ts';
import { collectStatistics } from '../../runtime/collect-statistics.ts';
import type { Runtime } from '../../runtime/types.ts';
import type { CalibrationData } from '../data/calibration.ts';
import { sha256OfJson, sha256Of } from '../hash.ts';
import type { Layer } from '../../core/anatomy/types.ts';
import type { LayerStatistics } from '../../core/statistics/types.ts';
import type { StatisticsProvider } from './types.ts';

type Statistics = ReadonlyMap<string, LayerStatistics>;

/** Statistics by what they are of; shared by all methods and trials of one opened model. */
export type StatisticsCache = Map<string, Promise<Statistics>>;

/**
 * Takes statistics on a runtime, once per (model, calibration, layers). `modelKey` names the state of
 * the model: statistics of a changed model are other statistics.
 */
export function statisticsProvider(
  runtime: () => Promise<Runtime>,
  calibration: CalibrationData,
  cache: StatisticsCache,
): StatisticsProvider {
  return {
    sha256: calibration.sha256,
    async collect(model, layers, needs, hooks) {
      const key = await cacheKey(model, layers, calibration.sha256);
      const known = cache.get(key);
      if (known !== undefined) return known;
      const collected = collectStatistics(await runtime(), model, layers, calibration.batches(), {
        secondMoments: needs.secondMoments,
        ...(hooks.signal && { signal: hooks.signal }),
        progress: (done) =>
          hooks.progress(
            done / calibration.batchCount,
            `batch ${done} of ${calibration.batchCount}`,
          ),
      });
      cache.set(key, collected);
      // A cancelled or failed collection must not answer for the next one.
      collected.catch(() => cache.delete(key));
      return collected;
    },
    async sequential(model, layers, needs, compressGroup, hooks) {
      return captureSequentially(
        await runtime(),
        model,
        layers,
        calibration.batches(),
        compressGroup,
        {
          secondMoments: needs.secondMoments,
          ...(hooks.signal && { signal: hooks.signal }),
          progress: (fraction) => hooks.progress(fraction),
        },
      );
    },
  };
}

async function cacheKey(
  model: Parameters<StatisticsProvider['collect']>[0],
  layers: readonly Layer[],
  calibration: string,
): Promise<string> {
  const weights = await sha256Of(model.graph.initializers.map((tensor) => tensor.data));
  return sha256OfJson({ weights, calibration, layers: layers.map((layer) => layer.output) });
}
