import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { takeBranch } from '../../core/onnx/branches/take-branch.ts';
import { indexGraph } from '../../core/onnx/graph/index-graph.ts';
import type { Model } from '../../core/onnx/types.ts';
import { needsFloatPath, type SingleLook } from '../../core/statistics/look.ts';
import type { Results } from '../../core/statistics/seen.ts';
import type { CaptureBatch, CaptureBatches } from '../capture.ts';
import type { Runtime } from '../types.ts';
import { assertValues } from './check-looks.ts';
import { createCollector } from './collector.ts';
import { beginPath, type Path } from './path.ts';
import { planRoute, type Stop } from './stops.ts';

/** A walk to be made. */
export interface Journey {
  /** Where the looks' values and layers are known from; also the float path. */
  readonly model: Model;
  /** What the next part runs with: may change between two stops, but must keep the names of values. */
  readonly current: () => Model;
  readonly batches: CaptureBatches;
  readonly looks: readonly SingleLook[];
  /** Further values to stop at. */
  readonly cuts?: readonly string[];
}

/** What was seen at a stop. */
export interface Arrival {
  readonly stop: Stop;
  readonly results: Results;
  /** Stops behind and in all, this one included. */
  readonly done: number;
  readonly of: number;
}

/**
 * Walks through a model once, in order, stopping wherever a looked-at value is made. Only the part
 * between two stops is ever in a session, so a model larger than one session works too; the values
 * that later parts need are kept for all batches. With a look at the float path, each part runs a
 * second time, in `model` as it was. Of a merged decoder the branch without a cache is walked.
 */
export async function* travel(
  runtime: Runtime,
  { model: whole, current, batches, looks, cuts }: Journey,
  signal?: AbortSignal,
): AsyncGenerator<Arrival, void, undefined> {
  const model = takeBranch(whole);
  assertValues(model, looks);
  const all = await toArray(batches);
  const { stops, shapes } = planRoute(model, looks, cuts);
  const path = beginPath(runtime, all, shapes);
  const beside = looks.some(({ take }) => needsFloatPath(take))
    ? beginPath(runtime, all, shapes)
    : undefined;
  for (const [i, stop] of stops.entries()) {
    throwIfCancelled(signal);
    await path.advance(takeBranch(current()), stop, signal);
    await beside?.advance(model, stop, signal);
    const results = await resultsAt(runtime, model, stop, all, { path, beside });
    for (const each of [path, beside]) each?.forget(stop);
    yield { stop, results, done: i + 1, of: stops.length };
  }
}

async function resultsAt(
  runtime: Runtime,
  model: Model,
  stop: Stop,
  batches: readonly CaptureBatch[],
  { path, beside }: { readonly path: Path; readonly beside: Path | undefined },
): Promise<Results> {
  const collector = createCollector(indexGraph(model.graph), stop.looks, runtime);
  for (const [b, { mask }] of batches.entries()) {
    await collector.add({
      value: (name) => path.value(b, name),
      ...(beside && { before: (name: string) => beside.value(b, name) }),
      ...(mask && { mask }),
    });
  }
  return collector.finish();
}

async function toArray<T>(items: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const array: T[] = [];
  for await (const item of items) array.push(item);
  return array;
}
