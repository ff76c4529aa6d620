import { findLayers } from '../../core/anatomy/layers.ts';
import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { takeBranch } from '../../core/onnx/branches/take-branch.ts';
import { indexGraph } from '../../core/onnx/graph/index-graph.ts';
import type { Model } from '../../core/onnx/types.ts';
import { singleLooks, valuesOf, type Look } from '../../core/statistics/look.ts';
import { seenIn, type Seen } from '../../core/statistics/seen.ts';
import { runFor, withOutputs, type CaptureBatches, type CaptureHooks } from '../capture.ts';
import type { Runtime } from '../types.ts';
import { assertOnePath, assertValues } from './check-looks.ts';
import { createCollector } from './collector.ts';

/**
 * Takes looks while the whole model runs in one session, batch by batch; nothing is kept but the
 * accumulators (moments: 4·columns² bytes for each distinct input).
 *
 * Which nodes a session fuses, and so the last bits of a value, depends on which values it must
 * deliver (seen on ALBERT: 14 of 19 inputs). So the session is always opened with the inputs of all
 * layers among its outputs: what is seen of one layer is the same to the bit whichever others are asked for.
 * Of a merged decoder the branch without a cache runs, where its layers are.
 */
export async function collectLooks(
  runtime: Runtime,
  whole: Model,
  looks: readonly Look[],
  batches: CaptureBatches,
  hooks: CaptureHooks = {},
): Promise<Seen> {
  const model = takeBranch(whole);
  const singles = singleLooks(looks);
  assertValues(model, singles);
  assertOnePath(singles);
  const collector = createCollector(indexGraph(model.graph), singles, runtime);
  if (singles.length === 0) return seenIn(new Map());
  const values = [...new Set(singles.flatMap(valuesOf))];
  const session = await runtime.open(withOutputs(model, [...layerInputs(model), ...values]));
  try {
    let done = 0;
    for await (const { feeds, mask } of batches) {
      throwIfCancelled(hooks.signal);
      const found = new Map(Object.entries(await runFor(session, feeds, values)));
      await collector.add({ value: (name) => found.get(name), ...(mask && { mask }) });
      hooks.progress?.(++done);
    }
    return seenIn(await collector.finish());
  } finally {
    await session.release();
  }
}

/** The distinct values that the model's layers multiply. */
export function layerInputs(model: Model): string[] {
  const layers = findLayers(model).filter(({ op }) => op !== 'Gather');
  return [...new Set(layers.map(({ input }) => input))];
}
