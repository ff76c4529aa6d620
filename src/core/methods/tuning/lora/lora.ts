import type { z } from 'zod';
import { adapterInputs, ownName } from '../../../adapters/inputs.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { LABELS_ONLY } from '../../../training/objective.ts';
import type { Model } from '../../../onnx/types.ts';
import type { Fillings } from '../../../onnx/fill.ts';
import type { Method, Skipped } from '../../contract.ts';
import { differentiable } from '../differentiable.ts';
import { trainedBytes } from '../train-holes.ts';
import { trainedLines } from '../trained-lines.ts';
import { settingsOf } from '../training-options.ts';
import { insertAdapters, scaleOf, type PlacedAdapter } from './adapter.ts';
import { withDropout } from './dropout.ts';
import { mergedFillings, plannedMerge, readAdapters } from './merge.ts';
import { meta, type options as schema } from './meta.ts';

export type LoraOptions = z.infer<typeof schema>;

/**
 * Freezes the model and trains A and B of y = W·x + (α/r)·B·A·x beside each chosen layer, whatever
 * form its weight has: over quantized weights this is QLoRA (Dettmers et al. 2023, arXiv:2305.14314).
 */
export const lora: Method<LoraOptions> = {
  meta,
  plan: async ({ model }, targets, options) => {
    const { chosen, skipped } = choose(targets, options.rank);
    if (chosen.length === 0) return { model, lines: [], skipped, work: [] };
    const planned = options.result === 'merge' ? merging(chosen, options) : beside(chosen, options);
    const done = planned(model);
    return {
      model: done.model,
      lines: options.result === 'merge' ? trainedLines(model, done.model, chosen) : [],
      skipped,
      work: [
        {
          kind: 'train',
          settings: settingsOf(options),
          setup: async (ground, { random }) => {
            const frozen = await differentiable(ground.model, random === undefined);
            const { graph, adapters } = insertAdapters(frozen, chosen, options, random);
            const student = { ...frozen, graph };
            return {
              student:
                options.dropout > 0 ? withDropout(student, adapters, options.dropout) : student,
              trainable: matricesOf(adapters),
              objective: LABELS_ONLY,
              keepZeros: false,
              finish: (trained) => done.finish(trained, adapters, ground.model),
            };
          },
        },
      ],
    };
  },
};

/** What goes on, and how it is filled from the trained student. */
interface Planned {
  readonly model: Model;
  finish(trained: Model, adapters: readonly PlacedAdapter[], before: Model): Promise<Fillings>;
}

/** W ← W + (α/r)·(A·B)ᵀ in the weights themselves. */
function merging(chosen: readonly Layer[], options: LoraOptions): (model: Model) => Planned {
  const [factor] = scaleOf(options);
  return (model) => {
    const planned = plannedMerge(model, chosen);
    return {
      model: planned.model,
      finish: async (trained, adapters, before) =>
        mergedFillings(before, planned, await readAdapters(trained, adapters), factor),
    };
  };
}

/** A and B in the graph beside the layers, or as inputs of it. */
function beside(chosen: readonly Layer[], options: LoraOptions): (model: Model) => Planned {
  return (model) => {
    const { graph, adapters, scale } = insertAdapters(model, chosen, options);
    const names = matricesOf(adapters);
    const asInputs = options.result === 'inputs';
    const adapted = { ...model, graph };
    return {
      model: asInputs ? adapterInputs(adapted, [...names, scale]) : adapted,
      finish: async (trained) => {
        const bytes = await trainedBytes(trained, names);
        return asInputs ? new Map([...bytes].map(([name, b]) => [ownName(name), b])) : bytes;
      },
    };
  };
}

function matricesOf(adapters: readonly PlacedAdapter[]): readonly string[] {
  return adapters.flatMap(({ a, b }) => [a, b]);
}

/** Layers an adapter of this rank makes sense for. Throws `rank-too-large` when it does for none. */
function choose(
  targets: readonly Layer[],
  rank: number,
): { readonly chosen: readonly Layer[]; readonly skipped: readonly Skipped[] } {
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
