import {
  buildFinitenessGraph,
  FINITENESS,
  type Origin,
} from '../../core/training/finiteness-graph.ts';
import type { TrainingInput } from '../../core/training/training-graph.ts';
import type { Runtime } from '../types.ts';
import { trainingSessionOptions, type Feeds, type WeightFeeds } from './stepper.ts';

/**
 * Where numbers stop being numbers on these batches: one more pass with a look at every value. Undefined
 * when all is finite, as for a divergence that a runtime's own fusion made.
 */
export async function diagnose(
  runtime: Runtime,
  input: TrainingInput,
  weights: WeightFeeds,
  batches: readonly Feeds[],
): Promise<Origin | undefined> {
  const { model, origin } = buildFinitenessGraph(input);
  const session = await runtime.open(model, trainingSessionOptions(runtime, []));
  try {
    for (const batch of batches) {
      const results = await session.runOnDevice({ ...batch, ...weights });
      const { data } = await results[FINITENESS].read();
      const found = origin(data as Float32Array);
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    await session.release();
  }
}
