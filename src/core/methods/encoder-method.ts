import type { Layer } from '../anatomy/types.ts';
import {
  didOf,
  placeOf,
  storedWeightOf,
  writeEncodings,
  type Encoded,
  type EncodedLayer,
} from '../encodings/index.ts';
import type { Model } from '../onnx/types.ts';
import { storedBytes } from './stored-bytes.ts';
import type {
  EncodedPlace,
  EncodeWork,
  Encoder,
  Ground,
  Method,
  MethodMeta,
  PlanContext,
  PlannedLine,
  Refusal,
  Skipped,
  StepPlan,
} from './contract.ts';
import { formOf, requantizedWarning } from './requantize.ts';
import { isRefusal } from './site.ts';
import { takenApart, tiedLookUps } from './tied-look-ups.ts';

/** A method that works layer by layer. */
export type EncoderMethod<Options> = Method<Options> & { readonly encoder: Encoder<Options> };

/** A method that encodes the targeted layers one by one. */
export function encoderMethod<Options>(
  meta: MethodMeta,
  encoder: Encoder<Options>,
): EncoderMethod<Options> {
  return {
    meta,
    encoder,
    plan: async (ground, targets, options, context) =>
      planEncoding(meta, encoder, { ground, targets, options, context }),
  };
}

interface Asked<Options> {
  readonly ground: Ground;
  readonly targets: readonly Layer[];
  readonly options: Options;
  readonly context: PlanContext;
}

function planEncoding<Options>(
  meta: MethodMeta,
  encoder: Encoder<Options>,
  { ground, targets, options, context }: Asked<Options>,
): StepPlan {
  const { model } = ground;
  const { chosen, skipped } = choose(meta, encoder, { ground, targets, options, context });
  if (chosen.length === 0) return { model, lines: [], skipped, work: [] };
  const written = writeEncodings(model, chosen);
  const layersBefore = chosen.map(({ layer }) => layer);
  const bytesBefore = storedBytes(model, layersBefore);
  const lines = chosen.map(({ layer, encoded }): PlannedLine => ({
    layer,
    encoded,
    ...didTo(model, layer, encoded),
    bytesBefore: bytesBefore.get(layer.output) ?? 0,
    bytesAfter: written.bytes.get(layer.output) ?? 0,
  }));
  const layers = chosen.map(({ layer, encoded, valuesOf }): EncodedPlace => {
    const slot = written.slots.get(layer.output) ?? { names: [] };
    return { layer, encoded, slot, ...(valuesOf !== undefined && { valuesOf }) };
  });
  const warnings = [
    encoder.decodes === true ? undefined : requantizedWarning(model, layersBefore, encoder.cutsOwn),
    meta.family === 'quantization' && encoder.decodes !== true
      ? takenApart(model, ground.anatomy.layers, layersBefore)
      : undefined,
  ].filter((sentence) => sentence !== undefined);
  return {
    ...{ model: written.model, lines, skipped, work: [encodeWork(encoder, options, layers)] },
    ...(warnings.length > 0 && { warnings }),
  };
}

/** A layer and the form it takes. */
type Chosen = EncodedLayer & { readonly layer: Layer; readonly valuesOf?: string };

function choose<Options>(
  meta: MethodMeta,
  encoder: Encoder<Options>,
  { ground: { model }, targets, options, context }: Asked<Options>,
): { readonly chosen: readonly Chosen[]; readonly skipped: readonly Skipped[] } {
  const skipped: Skipped[] = [];
  const chosen: Chosen[] = [];
  const looks = encoder.look?.(options) !== undefined;
  const shareable = encoder.shareable === true && !looks;
  const input = encoder.input?.(options);
  // Where values depend on the weight alone, accepted look-ups get the same ones by themselves.
  const apart = looks || !meta.accepts.includes('Gather');
  const ties = apart && encoder.ties?.(options) === true;
  const lookUps = ties ? tiedLookUps(model, targets) : new Map<string, Layer>();
  const whole = onlyLookUps(targets) && encoder.takesLookUps === true;
  for (const layer of targets) {
    const taken = whole || lookUps.has(layer.output);
    const refused =
      (taken ? undefined : notAccepted(meta, layer, encoder.takesLookUps)) ??
      (encoder.decodes === true ? undefined : refusedBefore(meta, layer, context));
    const form = refused ?? formOf({ meta, encoder }, layer, options, model);
    if (isRefusal(form)) skipped.push({ name: layer.name, reason: form.refused });
    else {
      const rounded = layer.op === 'Gather' ? undefined : input;
      chosen.push({ layer, encoded: form, shareable, ...(rounded && { input: rounded }) });
    }
  }
  return { chosen: lookUps.size > 0 ? joined(chosen, lookUps) : chosen, skipped };
}

/** Look-ups behind the product whose values they read, in its form. */
function joined(chosen: readonly Chosen[], lookUps: ReadonlyMap<string, Layer>): Chosen[] {
  const leader = ({ layer }: Chosen) =>
    chosen.find((one) => one.layer.output === lookUps.get(layer.output)?.output);
  const alone = chosen.filter((one) => leader(one) === undefined);
  return alone.flatMap((first) => {
    const readers = chosen.filter((one) => leader(one) === first);
    if (readers.length === 0) return [first];
    const { encoded } = first;
    const valuesOf = first.layer.output;
    const behind = readers.map((one) => ({ ...one, encoded, shareable: true, valuesOf }));
    return [{ ...first, shareable: true }, ...behind];
  });
}

function onlyLookUps(targets: readonly Layer[]): boolean {
  return targets.every(({ op }) => op === 'Gather');
}

/** Plain numbers of the type the layer reads can be worked on once more, so nothing is said of them. */
function didTo(model: Model, layer: Layer, encoded: Encoded): Pick<PlannedLine, 'did'> {
  const own = placeOf(model, layer)?.weight.dataType ?? storedWeightOf(model, layer)?.elementType;
  if (encoded.kind === 'plain' && encoded.dataType === own) return {};
  return { did: didOf(encoded) };
}

function encodeWork<Options>(
  encoder: Encoder<Options>,
  options: Options,
  layers: readonly EncodedPlace[],
): EncodeWork {
  const look = encoder.look?.(options);
  return {
    kind: 'encode',
    layers,
    ...(look && { look }),
    ...(encoder.draws && { draws: true }),
    prepare: async (weights, context) => {
      const prepared = (await encoder.prepare?.(weights, options, context)) ?? options;
      return (weight, planned, seen, own) => encoder.encode(weight, planned, seen, prepared, own);
    },
  };
}

function notAccepted(meta: MethodMeta, layer: Layer, alone = false): Refusal | undefined {
  if (meta.accepts.includes(layer.op)) return undefined;
  const accepted = new Intl.ListFormat('en').format(meta.accepts);
  const instead =
    alone && layer.op === 'Gather'
      ? '; a step that is pointed at embeddings alone rounds them to the nearest values'
      : '';
  return {
    refused: `${meta.title} works on ${accepted}, and "${layer.name}" is a ${layer.op}, so it was left as it is${instead}.`,
  };
}

function refusedBefore(meta: MethodMeta, layer: Layer, context: PlanContext): Refusal | undefined {
  const change = context.change(layer);
  if (change?.did === undefined) return undefined;
  const before = `"${layer.name}" was already ${change.did} by step ${change.step + 1} (${change.title})`;
  return meta.family === 'pruning'
    ? {
        refused: `${before}, and its values can no longer be set to zero one by one; move step ${context.index + 1} (${meta.title}) before it.`,
      }
    : { refused: `${before}, so step ${context.index + 1} (${meta.title}) left it as it is.` };
}
