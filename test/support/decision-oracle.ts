import type { Ablation, AblationLoss } from '../../src/core/ablation/types.ts';
import type { Layer } from '../../src/core/anatomy/types.ts';
import type { DecisionNote } from '../../src/core/methods/decision-note.ts';
import type { Ground, Method, Oracle } from '../../src/core/methods/contract.ts';
import { readWeight } from '../../src/core/methods/weight.ts';
import { encodedLength } from '../../src/core/onnx/write.ts';
import { measureAblations } from '../../src/runtime/ablations/measure-ablations.ts';
import type { CaptureBatch } from '../../src/runtime/capture.ts';
import { collectLooks } from '../../src/runtime/looks/collect-looks.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { firstStep } from './methods.ts';

/** Sentences and tables that a decision left, and everything that it measured. */
export interface AskedOracle<O> extends Oracle<O> {
  readonly notes: DecisionNote[];
  /** Numbers of ablations, request by request. */
  readonly asked: number[];
}

/**
 * An oracle without an engine, on a few batches. A file is the planned graph, without a recipe in it.
 */
export function decisionOracle<O>(
  method: Method<O>,
  ground: Ground,
  targets: readonly Layer[],
  runtime: Runtime,
  batches: readonly CaptureBatch[],
): AskedOracle<O> {
  const { model } = ground;
  const notes: DecisionNote[] = [];
  const asked: number[] = [];
  const plan = (options: O) => method.plan(ground, targets, options, firstStep);
  return {
    ...{ notes, asked, plan },
    progress: () => {},
    note: (note) => notes.push(note),
    weight: (layer) => readWeight(model, layer),
    fileBytes: async (options) => encodedLength((await plan(options)).model),
    seen: (looks) => collectLooks(runtime, model, looks, batches),
    losses: (ablations) => {
      asked.push(ablations.length);
      return losses(runtime, ground, batches, ablations);
    },
    files: () => Promise.reject(new Error('no files')),
    tokenCounts: () => Promise.reject(new Error('no tokens')),
  };
}

/** Mean KL of each ablation on all batches. */
export function losses(
  runtime: Runtime,
  { model }: Ground,
  batches: readonly CaptureBatch[],
  ablations: readonly Ablation[],
): Promise<readonly AblationLoss[]> {
  const enough = { rows: 1e6, examples: 1e6 };
  return measureAblations(runtime, {
    model,
    ablations,
    batches,
    output: 'logits',
    measure: 'kl',
    enough,
  });
}
