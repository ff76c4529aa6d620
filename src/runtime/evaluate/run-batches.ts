import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type { Evaluation, EvaluationOptions, ExampleBatch } from './types.ts';

/** Batches of examples, and how many examples there are in all of them. */
export interface Batches {
  readonly batches: Iterable<ExampleBatch> | AsyncIterable<ExampleBatch>;
  readonly total: number;
}

/** Goes through all batches, with progress and the clock. */
export async function runBatches(
  { batches, total }: Batches,
  hooks: EvaluationOptions,
  each: (batch: ExampleBatch) => Promise<void>,
): Promise<Pick<Evaluation, 'n' | 'runs' | 'tokensPerSecond'>> {
  const clock = hooks.clock ?? (() => performance.now());
  const start = clock();
  let [runs, n] = [0, 0];
  for await (const batch of batches) {
    throwIfCancelled(hooks.signal);
    await each(batch);
    runs++;
    n += batch.count;
    hooks.progress?.(Math.min(1, n / total));
  }
  const seconds = Math.max(clock() - start, 1e-3) / 1000;
  return { n, runs, tokensPerSecond: n / seconds };
}
