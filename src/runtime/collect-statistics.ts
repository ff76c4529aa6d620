import type { Layer } from '../core/anatomy/types.ts';
import type { Model } from '../core/onnx/types.ts';
import { createAccumulator, type Accumulator } from '../core/statistics/accumulator.ts';
import type { LayerStatistics } from '../core/statistics/types.ts';
import { captureInputs, type CaptureBatches, type CaptureHooks, type OnRows } from './capture.ts';
import type { Runtime } from './types.ts';

/** Statistics by layer name. Layers that read the same rows share one object, collected once. */
export type StatisticsByLayer = ReadonlyMap<string, LayerStatistics>;

/**
 * Statistics of the inputs of `layers` over all batches, the whole model in one session.
 * Memory: Σ columns² · 4 bytes over distinct inputs when second moments are asked for.
 */
export async function collectStatistics(
  runtime: Runtime,
  model: Model,
  layers: readonly Layer[],
  batches: CaptureBatches,
  options: CaptureHooks & { readonly secondMoments: boolean },
): Promise<StatisticsByLayer> {
  const collector = createCollector(options);
  await captureInputs(runtime, model, layers, batches, collector.onRows, options);
  return collector.finish();
}

/** Accumulators by group, made when a group is first seen. */
export function createCollector(options: { readonly secondMoments: boolean }) {
  const accumulators = new Map<string, { group: readonly Layer[]; accumulator: Accumulator }>();
  const onRows: OnRows = (group, x, rows) => {
    const [{ name, inFeatures }] = group;
    const entry = accumulators.get(name) ?? {
      group,
      accumulator: createAccumulator(inFeatures, options),
    };
    accumulators.set(name, entry);
    entry.accumulator.add(x, rows);
  };
  const finish = (): StatisticsByLayer => {
    const statistics = new Map<string, LayerStatistics>();
    for (const { group, accumulator } of accumulators.values()) {
      const found = accumulator.finish();
      for (const layer of group) statistics.set(layer.name, found);
    }
    return statistics;
  };
  return { onRows, finish };
}
