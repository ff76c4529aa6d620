import type { Layer } from '../../core/anatomy/types.ts';
import type { Model } from '../../core/onnx/types.ts';
import { looksAtInputs, singleLooks } from '../../core/statistics/look.ts';
import { nothingSeen, seenIn, type Seen } from '../../core/statistics/seen.ts';
import type { Take } from '../../core/statistics/take.ts';
import type { CaptureBatches } from '../capture.ts';
import type { Runtime } from '../types.ts';
import { travel } from './travel.ts';

/** A sequential walk: layers are compressed in order, each seeing what the compressed part before it makes. */
export interface Walk {
  /** The model before the step, in which `layers` were found. */
  readonly model: Model;
  /** The model as far as it is compressed now. Asked before each part; names of values must stay. */
  readonly current: () => Model;
  readonly layers: readonly Layer[];
  readonly take: readonly Take[];
  readonly batches: CaptureBatches;
}

/** Layers whose inputs are known now, and what was seen there. */
export interface WalkStop {
  readonly layers: readonly Layer[];
  readonly seen: Seen;
}

/**
 * Stops at every value that layers read and says what they read over all batches. Whoever pulls
 * compresses those layers before asking on, so that what follows runs with them (GPTQ, "true
 * sequential"; SparseGPT). Layers whose input is not looked at (embedding look-ups) come first.
 */
export async function* walk(
  runtime: Runtime,
  { layers, take, ...rest }: Walk,
  signal?: AbortSignal,
): AsyncGenerator<WalkStop, void, undefined> {
  const unseen = layers.filter(({ op }) => op === 'Gather');
  if (unseen.length > 0) yield { layers: unseen, seen: nothingSeen };
  const looks = singleLooks(looksAtInputs(layers, take));
  const cuts = layers.filter(({ op }) => op !== 'Gather').map(({ input }) => input);
  for await (const { stop, results } of travel(runtime, { ...rest, looks, cuts }, signal)) {
    const here = new Set(stop.values);
    const group = layers.filter(({ op, input }) => op !== 'Gather' && here.has(input));
    yield { layers: group, seen: seenIn(results) };
  }
}
