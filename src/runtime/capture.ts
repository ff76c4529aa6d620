import type { Model } from '../core/onnx/types.ts';
import type { Value } from '../core/tensor/values.ts';
import type { Session } from './types.ts';
import type { Feeds } from './values.ts';

/** One run's inputs. `mask` marks real positions with 1 and padding with 0, over [batch·length]. */
export interface CaptureBatch {
  readonly feeds: Feeds;
  readonly mask?: Uint8Array;
}

export type CaptureBatches = Iterable<CaptureBatch> | AsyncIterable<CaptureBatch>;

export interface CaptureHooks {
  readonly signal?: AbortSignal;
  /** Batches done so far. */
  readonly progress?: (batches: number) => void;
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
