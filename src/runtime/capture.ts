import type { Layer } from '../core/anatomy/types.ts';
import { throwIfCancelled } from '../core/errors/lathe-error.ts';
import { indexGraph, type GraphIndex } from '../core/onnx/graph/index-graph.ts';
import type { Model } from '../core/onnx/types.ts';
import type { Value } from '../core/tensor/values.ts';
import { layerRows } from './layer-rows.ts';
import type { Runtime, Session } from './types.ts';
import type { Feeds } from './values.ts';

/** One run's inputs. `mask` marks real positions with 1 and padding with 0, over [batch·length]. */
export interface CaptureBatch {
  readonly feeds: Feeds;
  readonly mask?: Uint8Array;
}

export type CaptureBatches = Iterable<CaptureBatch> | AsyncIterable<CaptureBatch>;

/** X [rows, columns] that all of `layers` multiply. Valid during the call only. */
export type OnRows = (layers: readonly Layer[], x: Float32Array, rows: number) => void;

export interface CaptureHooks {
  readonly signal?: AbortSignal;
  /** Batches done so far. */
  readonly progress?: (batches: number) => void;
}

/**
 * Streams the inputs of `layers` while the whole model runs in one session: batch by batch, group by
 * group, nothing kept. Layers that read the same value the same way come as one group. Embedding
 * look-ups have no rows and are passed over.
 */
export async function captureInputs(
  runtime: Runtime,
  model: Model,
  layers: readonly Layer[],
  batches: CaptureBatches,
  onRows: OnRows,
  hooks: CaptureHooks = {},
): Promise<void> {
  const groups = groupByInput(layers);
  if (groups.length === 0) return;
  const values = [...new Set(groups.map((group) => group[0].input))];
  const session = await runtime.open(withOutputs(model, values));
  try {
    const index = indexGraph(model.graph);
    let done = 0;
    for await (const batch of batches) {
      throwIfCancelled(hooks.signal);
      const found = await runFor(session, batch.feeds, values);
      for (const group of groups) giveRows(index, group, found, batch.mask, onRows);
      hooks.progress?.(++done);
    }
  } finally {
    await session.release();
  }
}

/** Layers that multiply the same rows: same input, same unfolding. */
export function groupByInput(layers: readonly Layer[]): Layer[][] {
  const groups = new Map<string, Layer[]>();
  for (const layer of layers) {
    if (layer.op === 'Gather') continue;
    // Two convolutions may unfold the same image differently: they never share rows.
    const key = `${layer.input} ${layer.op === 'MatMul' ? '' : layer.output}`;
    groups.set(key, [...(groups.get(key) ?? []), layer]);
  }
  return [...groups.values()];
}

/** Rows of one group out of the values of one run. */
export function giveRows(
  index: GraphIndex,
  group: readonly Layer[],
  found: Feeds,
  mask: Uint8Array | undefined,
  onRows: OnRows,
): void {
  const [layer] = group;
  const node = index.producer(layer.output)?.node;
  const value = found[layer.input] as Value | undefined;
  if (node === undefined || value === undefined) return;
  const { x, rows } = layerRows(layer, node, value, mask);
  onRows(group, x, rows);
}

/** Runs for values of which some may be inputs of the graph itself. */
export async function runFor(
  session: Session,
  feeds: Feeds,
  values: readonly string[],
): Promise<Record<string, Value>> {
  const given = new Set(session.inputs.map((port) => port.name));
  const asked = values.filter((value) => !given.has(value));
  const results = asked.length === 0 ? {} : await session.run(feeds, asked);
  for (const value of values) if (given.has(value)) results[value] = feeds[value];
  return results;
}

/** The model with further values among its outputs. The session works out their types itself. */
export function withOutputs(model: Model, values: readonly string[]): Model {
  const { graph } = model;
  const known = new Set([...graph.outputs, ...graph.inputs].map((info) => info.name));
  const added = values.filter((value) => !known.has(value)).map((name) => ({ name }));
  return { ...model, graph: { ...graph, outputs: [...graph.outputs, ...added] } };
}
