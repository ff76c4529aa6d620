import { recogniseStored } from '../../src/core/anatomy/recognise-stored.ts';
import type { Layer } from '../../src/core/anatomy/types.ts';
import {
  decodeWeight,
  didOf,
  placeOf,
  readAsPlanned,
  storedWeightOf,
  type Coded,
  type Encoded,
  type StoredWeight,
} from '../../src/core/encodings/index.ts';
import { LatheError } from '../../src/core/errors/lathe-error.ts';
import { methodById } from '../../src/core/methods/registry.ts';
import { formOf } from '../../src/core/methods/requantize.ts';
import { isRefusal } from '../../src/core/methods/site.ts';
import { readWeight } from '../../src/core/methods/weight.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { openGraph } from '../../src/core/onnx/prepare/open-graph.ts';
import { readModel } from '../../src/core/onnx/read.ts';

import type { ByteSource, Model } from '../../src/core/onnx/types.ts';
import { wholeOutcome, type Outcome } from './outcome.ts';
import type { PreviewStep } from './picture.ts';
import type { Subject } from './pictures.ts';

/** A trial's file as it is read: its graph is in memory, its weights are not. */
export async function openMeasured(source: ByteSource): Promise<Model> {
  return (await openGraph(await readModel(source))).model;
}

/**
 * What a finished trial made of a weight: its numbers as the file holds them. Throws `layer-not-found` where they are
 * not in the file, and `layer-reshaped` where the recipe gave the layer another shape.
 */
export async function measuredOutcome(
  subject: Subject,
  file: Model,
  steps: readonly PreviewStep[],
): Promise<Outcome> {
  const { layer } = subject.weight;
  const [found, first] = await layersIn(file, layer);
  if (first !== undefined) return factoredOutcome(subject, file, found, first);
  const stored = placeOf(file, found) === undefined ? storedWeightOf(file, found) : undefined;
  if (stored === undefined) {
    const { values } = await readWeight(file, found);
    const did = didOf({ kind: 'plain', dataType: placeOf(file, found)?.weight.dataType ?? 0 });
    return wholeOutcome(subject, { shown: values, did, from: 'file' });
  }
  const encoded = await encodedIn(subject, file, stored, steps);
  const shown = decodeWeight(encoded, stored.rows, stored.columns);
  return wholeOutcome(subject, { shown, encoded, did: 'quantized', from: 'file' });
}

/** Two thin matrices that the layer multiplies with one after the other: Ŵ = L·R. */
async function factoredOutcome(
  subject: Subject,
  file: Model,
  second: Layer,
  first: Layer,
): Promise<Outcome> {
  const [l, r] = [await readWeight(file, second), await readWeight(file, first)];
  const plain = ({ values }: typeof l) =>
    ({ kind: 'plain', dataType: DataType.float32, values }) as const;
  const rank = first.outFeatures;
  const encoded = { kind: 'product', rank, left: plain(l), right: plain(r) } as const;
  const shown = decodeWeight(encoded, second.outFeatures, first.inFeatures);
  return wholeOutcome(subject, { shown, encoded, did: didOf(encoded), from: 'file' });
}

/**
 * Layers keep their outputs; where a graph was cut or joined they are looked for by name. A factored layer is found with
 * the one that multiplies before it.
 */
async function layersIn(
  file: Model,
  layer: Layer,
): Promise<readonly [found: Layer, first?: Layer]> {
  if (placeOf(file, layer) !== undefined || storedWeightOf(file, layer) !== undefined)
    return [layer];
  const { layers } = await recogniseStored(file);
  const found = layers.find(({ output, name }) => output === layer.output || name === layer.name);
  if (found === undefined) {
    throw new LatheError(
      'layer-not-found',
      `"${layer.name}" is not in the file of this trial: the recipe removed it or joined it with another layer, so it has no picture afterwards.`,
      { layer: layer.name },
    );
  }
  const shape = ({ outFeatures, inFeatures }: Layer): string => `${outFeatures} × ${inFeatures}`;
  if (shape(found) === shape(layer)) return [found];
  const first = layers.find(({ output, input }) => output === found.input && input === layer.input);
  const ends = first && { ...found, inFeatures: first.inFeatures };
  if (ends !== undefined && shape(ends) === shape(layer)) return [found, first];
  throw new LatheError(
    'layer-reshaped',
    `"${layer.name}" is ${shape(found)} in the file of this trial and was ${shape(layer)}, so there is no weight-by-weight picture; choose a layer that kept its shape.`,
    { layer: layer.name },
  );
}

/** The stored expression: as its kernel reads it, else as one of the steps would have stored it, else its numbers. */
async function encodedIn(
  { weight, model }: Subject,
  file: Model,
  stored: StoredWeight,
  steps: readonly PreviewStep[],
): Promise<Encoded> {
  const read = await stored.read();
  if (read.kind !== 'plain') return read;
  const values = decodeWeight(read, stored.rows, stored.columns);
  for (const step of steps.toReversed()) {
    const planned = plannedForm(step, weight.layer, model);
    if (planned?.bits !== stored.bits) continue;
    const coded = await readAsPlanned(file.graph, stored, planned, values);
    if (coded !== undefined) return coded;
  }
  return read;
}

function plannedForm(step: PreviewStep, layer: Layer, model: Model): Coded | undefined {
  const { encoder, meta } = methodById(step.method);
  const options = meta.options.safeParse(step.options);
  if (encoder === undefined || !options.success) return undefined;
  const form = formOf({ meta, encoder }, layer, options.data, model);
  return isRefusal(form) || form.kind !== 'coded' ? undefined : form;
}
