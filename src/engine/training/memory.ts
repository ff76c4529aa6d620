import { staticValues } from '../../core/autodiff/static-values.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { BatchShape } from '../../core/training/bindings.ts';
import { peakMemory } from '../../core/training/peak-memory.ts';
import { gigabytes, sessionHeap } from '../memory.ts';

/**
 * What the arena takes per byte of values alive at once: 1.5 to 1.7 in WebAssembly at 250 to 700 MB
 * alive (1.8 to 2.2 native, where nothing ends at 4 GB). The rest is fragmentation.
 */
const ARENA = 1.7;

/** Bytes of a training graph at its peak: frozen weights, in the validation's session too, and values. */
export function trainingMemory(model: Model): number {
  const { graph } = model;
  const weights = graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
  const values = staticValues(model);
  return 2 * sessionHeap(weights) + ARENA * peakMemory(graph, (value) => values.type(value));
}

/** Refuses a training that does not fit, before it starts. Throws `memory-too-small`. */
export function assertTrainingMemory(
  name: string,
  model: Model,
  { batch, length }: BatchShape,
  limit: number,
): void {
  const needed = trainingMemory(model);
  if (needed <= limit) return;
  const what = length === undefined ? `${batch} examples` : `${batch} × ${length} tokens`;
  const shorter = length === undefined ? '' : ', shorter sequences (calibration.length)';
  throw new LatheError(
    'memory-too-small',
    `Training "${name}" on batches of ${what} takes about ${gigabytes(needed)} and this device ends at ${gigabytes(limit)}; choose a smaller batch size with more batches per step${shorter}, or headless "lathe train --runtime node", which has no such limit.`,
    { needed: Math.round(needed), limit },
  );
}
