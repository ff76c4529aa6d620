import type { Model } from '../../core/onnx/types.ts';
import { singleLooks, type Look } from '../../core/statistics/look.ts';
import { seenIn, type Seen } from '../../core/statistics/seen.ts';
import type { CaptureBatches } from '../capture.ts';
import type { Runtime } from '../types.ts';
import { assertOnePath } from './check-looks.ts';
import { layerInputs } from './collect-looks.ts';
import { travel } from './travel.ts';

export interface ByPartHooks {
  readonly signal?: AbortSignal;
  /** Fraction of the model walked through. */
  readonly progress?: (fraction: number) => void;
}

/**
 * Takes looks part by part: for models that do not fit into one session. The parts end at the inputs
 * of all layers, whichever are asked for, so that what is seen of one does not depend on the others.
 */
export async function collectByPart(
  runtime: Runtime,
  model: Model,
  looks: readonly Look[],
  batches: CaptureBatches,
  { signal, progress }: ByPartHooks = {},
): Promise<Seen> {
  const singles = singleLooks(looks);
  assertOnePath(singles);
  const journey = {
    model,
    current: () => model,
    batches,
    looks: singles,
    cuts: layerInputs(model),
  };
  const found = new Map<string, unknown>();
  for await (const { results, done, of } of travel(runtime, journey, signal)) {
    for (const [key, result] of results) found.set(key, result);
    progress?.(done / of);
    if (found.size === singles.length) break;
  }
  return seenIn(found);
}
