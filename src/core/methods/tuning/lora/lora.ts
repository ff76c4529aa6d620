import type { z } from 'zod';
import { adapterInputs } from '../../../adapters/inputs.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { LABELS_ONLY } from '../../../training/objective.ts';
import type { Model } from '../../../onnx/types.ts';
import type { GraphOutcome, TrainingMethod, TrainingSetup } from '../../contract.ts';
import { settingsOf } from '../training-options.ts';
import { insertAdapters, scaleOf } from './adapter.ts';
import { withDropout } from './dropout.ts';
import { mergeAdapters, plannedMerge, readAdapters, requireMergeable } from './merge.ts';
import { meta, type options as schema } from './meta.ts';

export type LoraOptions = z.infer<typeof schema>;

/**
 * Freezes the model and trains A and B of y = W·x + (α/r)·B·A·x beside each chosen layer, whatever
 * form its weight has: over quantized weights this is QLoRA (Dettmers et al. 2023, arXiv:2305.14314).
 */
export const lora: TrainingMethod<LoraOptions> = {
  kind: 'training',
  meta,
  prepare: async (model, _anatomy, targets, options, { random }): Promise<TrainingSetup> => {
    const { chosen, skipped } = choose(targets, options.rank);
    const merge = options.result === 'merge';
    if (merge) chosen.forEach((layer) => requireMergeable(model, layer));
    const { graph, adapters, scale } = insertAdapters(model, chosen, options, random);
    const beside = { ...model, graph };
    const matrices = adapters.flatMap(({ a, b }) => [a, b]);
    const kept = (adapted: Model): Model =>
      options.result === 'inputs' ? adapterInputs(adapted, [...matrices, scale]) : adapted;
    const [factor] = scaleOf(options);
    return {
      student: options.dropout > 0 ? withDropout(beside, adapters, options.dropout) : beside,
      trainable: matrices,
      objective: LABELS_ONLY,
      keepZeros: false,
      settings: settingsOf(options),
      touched: merge ? chosen.map(({ name }) => name) : [],
      skipped,
      finish: async (trained) =>
        merge
          ? mergeAdapters(model, await readAdapters(trained, adapters), factor)
          : kept(withTensorsOf(trained, beside, matrices)),
      planned: merge ? plannedMerge(model, chosen) : kept(beside),
    };
  },
};

/** `model` with the named tensors as `trained` has them. */
function withTensorsOf(trained: Model, model: Model, names: readonly string[]): Model {
  const wanted = new Set(names);
  const found = new Map(trained.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const initializers = model.graph.initializers.map((tensor) =>
    wanted.has(tensor.name) ? (found.get(tensor.name) ?? tensor) : tensor,
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

/** Layers an adapter of this rank makes sense for. Throws `rank-too-large` when it does for none. */
function choose(
  targets: readonly Layer[],
  rank: number,
): { readonly chosen: readonly Layer[]; readonly skipped: GraphOutcome['skipped'] } {
  const able = targets.filter(({ op }) => op === 'MatMul' || op === 'Gemm');
  const chosen = able.filter((layer) => rank < smallerSide(layer));
  if (able.length > 0 && chosen.length === 0) throw rankTooLarge(widest(able), rank);
  const skipped = targets
    .filter((layer) => !chosen.includes(layer))
    .map((layer) => ({
      name: layer.name,
      reason: able.includes(layer) ? tooSmall(layer, rank) : noProduct(layer),
    }));
  return { chosen, skipped };
}

function widest(layers: readonly Layer[]): Layer {
  return layers.reduce((most, layer) => (smallerSide(layer) > smallerSide(most) ? layer : most));
}

function smallerSide({ inFeatures, outFeatures }: Layer): number {
  return Math.min(inFeatures, outFeatures);
}

function noProduct({ name, op }: Layer): string {
  return `LoRA works on MatMul and Gemm, and "${name}" is a ${op}, so it was left as it is.`;
}

function tooSmall({ name, inFeatures, outFeatures }: Layer, rank: number): string {
  return `"${name}" is a ${outFeatures} × ${inFeatures} matrix, and an adapter of rank ${rank} would not be smaller than that, so it was left as it is.`;
}

function rankTooLarge(layer: Layer, rank: number): LatheError {
  const { name, inFeatures, outFeatures } = layer;
  return new LatheError(
    'rank-too-large',
    `"${name}" is a ${outFeatures} × ${inFeatures} matrix, so an adapter of rank ${rank} would not be smaller than the matrix itself; choose a rank below ${smallerSide(layer)}.`,
    { layer: name, rank },
  );
}
