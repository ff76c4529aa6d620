import type { Layer } from '../core/anatomy/types.ts';
import { throwIfCancelled } from '../core/errors/lathe-error.ts';
import { extractSubgraph } from '../core/onnx/graph/extract.ts';
import { indexGraph } from '../core/onnx/graph/index-graph.ts';
import { segment, type Segment } from '../core/onnx/graph/segment.ts';
import { topologicalOrder } from '../core/onnx/graph/topology.ts';
import { inferShapes } from '../core/onnx/shape/infer.ts';
import type { Model } from '../core/onnx/types.ts';
import type { LayerStatistics } from '../core/statistics/types.ts';
import type { Value } from '../core/tensor/values.ts';
import { giveRows, groupByInput, type CaptureBatch } from './capture.ts';
import { createCollector, type StatisticsByLayer } from './collect-statistics.ts';
import type { Runtime } from './types.ts';

export interface SequentialOptions {
  readonly secondMoments: boolean;
  readonly signal?: AbortSignal;
  /** Fraction of the model walked through. */
  readonly progress?: (fraction: number) => void;
}

/**
 * Compresses the layers that read one value, given what they read. Returns the changed model; value
 * names must stay, because the walk goes on from values already computed.
 */
export type CompressGroup = (
  group: readonly Layer[],
  statistics: StatisticsByLayer,
  model: Model,
) => Promise<Model>;

/** A stop of the walk: a value, and the layers that read it. */
interface Stop {
  readonly value: string;
  readonly layers: readonly Layer[];
}

/** Values of one batch that are still needed. */
type Kept = Map<string, Value>;

/**
 * Walks through the model once, in order, stopping at every value that layers read. At a stop the
 * statistics of those layers are taken over all batches and the layers are compressed; the nodes
 * behind run with the compressed layers, so later statistics see what the compressed part produces
 * (GPTQ, §"true sequential"; SparseGPT). Every node runs once per batch. Only the part between two
 * stops is ever in a session, so a model larger than one session works too; between stops the values
 * that later parts need are kept for all batches.
 */
export async function captureSequentially(
  runtime: Runtime,
  model: Model,
  layers: readonly Layer[],
  batches: Iterable<CaptureBatch> | AsyncIterable<CaptureBatch>,
  compressGroup: CompressGroup,
  options: SequentialOptions,
): Promise<Model> {
  const all = await toArray(batches);
  const stops = stopsOf(model, layers);
  const walk = planWalk(model, stops);
  const kept: Kept[] = all.map(({ feeds }) => new Map(Object.entries(feeds)));
  let current = model;
  for (const [done, stop] of stops.entries()) {
    const part = walk.parts.get(stop.value);
    if (part) await runPart(runtime, walk.extract(current, part), part, kept, options.signal);
    const statistics = statisticsAt(current, stop, all, kept, options);
    current = await compressGroup(stop.layers, statistics, current);
    options.progress?.((done + 1) / stops.length);
  }
  return current;
}

/** The same walk for its statistics alone: for models that do not fit into one session. */
export async function captureByBlock(
  runtime: Runtime,
  model: Model,
  layers: readonly Layer[],
  batches: Iterable<CaptureBatch> | AsyncIterable<CaptureBatch>,
  options: SequentialOptions,
): Promise<StatisticsByLayer> {
  const found = new Map<string, LayerStatistics>();
  const note: CompressGroup = async (_, statistics, unchanged) => {
    for (const [name, entry] of statistics) found.set(name, entry);
    return unchanged;
  };
  await captureSequentially(runtime, model, layers, batches, note, options);
  return found;
}

/** Distinct values that layers read, in an order in which each can be computed from the ones before. */
function stopsOf(model: Model, layers: readonly Layer[]): Stop[] {
  const order = new Map<string, number>();
  topologicalOrder(model.graph.nodes).forEach((node, at) => {
    for (const output of node.outputs) order.set(output, at);
  });
  const byValue = new Map<string, Layer[]>();
  for (const group of groupByInput(layers)) {
    const value = group[0].input;
    byValue.set(value, [...(byValue.get(value) ?? []), ...group]);
  }
  return [...byValue]
    .map(([value, members]) => ({ value, layers: members }))
    .sort((a, b) => (order.get(a.value) ?? -1) - (order.get(b.value) ?? -1));
}

/** Which part of the graph leads to each stop. A stop at an input of the model needs none. */
function planWalk(model: Model, stops: readonly Stop[]) {
  const shapes = inferShapes(model);
  const index = indexGraph(model.graph);
  const cuts = stops.map((stop) => stop.value).filter((value) => !index.isGraphInput(value));
  const segments =
    cuts.length === 0
      ? []
      : segment(
          model,
          cuts.map((value) => [value]),
          shapes,
        );
  return {
    parts: new Map(cuts.map((value, at) => [value, segments[at]])),
    extract: (current: Model, part: Segment) =>
      extractSubgraph(current, part.inputs, part.outputs, shapes),
  };
}

async function runPart(
  runtime: Runtime,
  model: Model,
  part: Segment,
  kept: readonly Kept[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const session = await runtime.open(model);
  try {
    for (const values of kept) {
      throwIfCancelled(signal);
      const results = await session.run(Object.fromEntries(values), part.outputs);
      for (const [name, value] of Object.entries(results)) values.set(name, value);
      for (const name of part.released) values.delete(name);
    }
  } finally {
    await session.release();
  }
}

function statisticsAt(
  model: Model,
  stop: Stop,
  batches: readonly CaptureBatch[],
  kept: readonly Kept[],
  options: SequentialOptions,
): StatisticsByLayer {
  const collector = createCollector(options);
  const index = indexGraph(model.graph);
  for (const group of groupByInput(stop.layers)) {
    batches.forEach(({ mask }, b) => {
      const value = kept[b].get(stop.value);
      if (value) giveRows(index, group, { [stop.value]: value }, mask, collector.onRows);
    });
  }
  return collector.finish();
}

async function toArray<T>(items: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const array: T[] = [];
  for await (const item of items) array.push(item);
  return array;
}
