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
import { firstOf, productOf, sumOf } from './parts-in-file.ts';
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
  if (isIn(file, layer)) return layerOutcome(subject, file, layer, steps);
  const { layers } = await recogniseStored(file);
  const sum = await sumOf(file, layers, layer, (part) => partIn(subject, file, part, steps));
  if (sum !== undefined) return encodedOutcome(subject, sum);
  const [found, first] = layersIn(layers, layer);
  if (first === undefined) return layerOutcome(subject, file, found, steps);
  return encodedOutcome(subject, await productOf(file, found, first));
}

function isIn(file: Model, layer: Layer): boolean {
  return placeOf(file, layer) !== undefined || storedWeightOf(file, layer) !== undefined;
}

/** One layer of the file: its codes, or its numbers as they are. */
async function layerOutcome(
  subject: Subject,
  file: Model,
  layer: Layer,
  steps: readonly PreviewStep[],
): Promise<Outcome> {
  const stored = placeOf(file, layer) === undefined ? storedWeightOf(file, layer) : undefined;
  if (stored === undefined) {
    const { values } = await readWeight(file, layer);
    const did = didOf({ kind: 'plain', dataType: placeOf(file, layer)?.weight.dataType ?? 0 });
    return wholeOutcome(subject, { shown: values, did, from: 'file' });
  }
  const encoded = await encodedIn(subject, file, stored, steps);
  const shown = decodeWeight(encoded, stored.rows, stored.columns);
  return wholeOutcome(subject, { shown, encoded, did: 'quantized', from: 'file' });
}

/** A weight that the file holds in parts, of which its layer makes several products. */
function encodedOutcome(subject: Subject, encoded: Encoded): Outcome {
  const { outFeatures, inFeatures } = subject.weight.layer;
  const shown = decodeWeight(encoded, outFeatures, inFeatures);
  return wholeOutcome(subject, { shown, encoded, did: didOf(encoded), from: 'file' });
}

/** What a part of a layer is in the file. */
async function partIn(
  subject: Subject,
  file: Model,
  part: Layer,
  steps: readonly PreviewStep[],
): Promise<Encoded> {
  const stored = placeOf(file, part) === undefined ? storedWeightOf(file, part) : undefined;
  if (stored !== undefined) return encodedIn(subject, file, stored, steps);
  const { values } = await readWeight(file, part);
  return { kind: 'plain', dataType: DataType.float32, values };
}

/**
 * Layers keep their outputs; where a graph was cut or joined they are looked for by name. A factored layer is found with
 * the one that multiplies before it.
 */
function layersIn(layers: readonly Layer[], layer: Layer): readonly [found: Layer, first?: Layer] {
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
  const first = firstOf(layers, found, layer);
  if (first !== undefined) return [found, first];
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
