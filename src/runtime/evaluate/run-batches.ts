import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { Rounds, type Found } from './rounds.ts';
import type { Evaluation, EvaluationOptions, ExampleBatch } from './types.ts';

/** Batches of examples, and how many examples there are in all of them. */
export interface Batches {
  readonly batches: Iterable<ExampleBatch> | AsyncIterable<ExampleBatch>;
  readonly total: number;
}

/**
 * Goes through all batches, with progress and the clock, or as far as is enough. `found`: what those so far come to.
 */
export async function runBatches(
  { batches, total }: Batches,
  hooks: EvaluationOptions,
  each: (batch: ExampleBatch) => Promise<void>,
  found: () => Found,
): Promise<Pick<Evaluation, 'n' | 'runs' | 'tokensPerSecond' | 'stopped'>> {
  const clock = hooks.clock ?? (() => performance.now());
  const rounds = new Rounds(hooks, total, clock);
  const start = clock();
  let [runs, n] = [0, 0];
  for await (const batch of batches) {
    throwIfCancelled(hooks.signal);
    await each(batch);
    runs++;
    n += batch.count;
    if (rounds.over(n, found)) break;
  }
  const seconds = Math.max(clock() - start, 1e-3) / 1000;
  return { n, runs, tokensPerSecond: n / seconds, ...rounds.ending };
}
