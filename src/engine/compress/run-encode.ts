import type { Layer } from '../../core/anatomy/types.ts';
import { fillingsOf, type Encoded } from '../../core/encodings/index.ts';
import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type {
  EncodedPlace,
  EncodeLayer,
  EncodeWork,
  LayerWeight,
  Rescaled,
} from '../../core/methods/contract.ts';
import { readWeight } from '../../core/methods/weight.ts';
import { scaledWeight, type WeightFactors } from '../../core/folds/index.ts';
import { fillHoles, fillWith, inMemory } from '../../core/onnx/fill.ts';
import type { Model, TensorData } from '../../core/onnx/types.ts';
import type { MeasuredLayer } from '../../core/recipe/build-report.ts';
import { onFloatPath } from '../../core/statistics/cross-moments-with/float-path.ts';
import { looksAtInputs, needsFloatPath } from '../../core/statistics/look.ts';
import { nothingSeen, type Seen } from '../../core/statistics/seen.ts';
import type { Take } from '../../core/statistics/take.ts';
import { breathe } from '../../runtime/breathe.ts';
import { MOMENTS_AT_ONCE, momentsBytes } from './moments-bytes.ts';
import { keeper } from './kept-codes.ts';
import { errorsOf, errorTogether } from './layer-errors.ts';
import { methodContext } from './random.ts';
import { rescale } from './rescale.ts';
import { requireCalibration } from './require-calibration.ts';
import type { RunningStep, StageResult } from './types.ts';

/** Work under way. */
interface Encoding {
  readonly step: RunningStep;
  readonly work: EncodeWork;
  readonly encode: EncodeLayer;
  /** What weights are scaled by before they are encoded. */
  readonly factors: Rescaled['factors'];
  readonly places: ReadonlyMap<string, EncodedPlace>;
  readonly measured: MeasuredLayer[];
  /** What products became whose table look-ups read, too, by their outputs. */
  readonly shared: Map<string, Encoded>;
  /** Where on the step's bar the layers begin: before lies collecting. */
  readonly start: number;
}

/** Share of a step's time that looking at calibration takes: measured on the shipped models, roughly. */
const COLLECTING = 0.5;

/** Encodes layer by layer, at once or in the order in which values flow. Throws on cancel. */
export async function runEncode(
  work: EncodeWork,
  step: RunningStep,
  model: Model,
): Promise<StageResult> {
  const looks = looksAtData(work, step);
  const atOnce = !looks || !goesInOrder(work);
  const encode = await work.prepare(
    weightsOf(work, step),
    methodContext(step, 'prepare', work.draws === true),
  );
  const places = new Map(work.layers.map((place) => [place.layer.output, place]));
  const start = looks && atOnce ? COLLECTING : 0;
  const { factors, fillings } = await rescale(work, step, start);
  const encoding = { step, work, encode, factors, places, start, measured: [], shared: new Map() };
  const open = fillHoles(model, fillings);
  const filled = atOnce ? await encodeAtOnce(encoding, open) : await encodeInOrder(encoding, open);
  return { model: filled, measured: encoding.measured, trained: [] };
}

/** A look that a method can do without is taken where there is calibration. */
function looksAtData({ look }: EncodeWork, { context }: RunningStep): boolean {
  return look !== undefined && (look.optional !== true || context.looks !== undefined);
}

/** Because the method wants it so, or because too much would be held of what all layers read. */
function goesInOrder({ look, layers }: EncodeWork): boolean {
  if (look === undefined) return false;
  const moments = momentsBytes(layers.map(({ layer }) => layer));
  return look.sequential === true || moments > MOMENTS_AT_ONCE;
}

function weightsOf({ layers }: EncodeWork, { ground }: RunningStep) {
  return async function* (): AsyncGenerator<LayerWeight> {
    for (const { layer } of layers) yield await readWeight(ground.model, layer);
  };
}

async function encodeAtOnce(encoding: Encoding, model: Model): Promise<Model> {
  const { step, work } = encoding;
  const layers = work.layers.map(({ layer }) => layer);
  if (work.look === undefined || !looksAtData(work, step)) {
    return encodeGroup(encoding, layers, nothingSeen, model);
  }
  const { context, position, planned, ground } = step;
  const provider = requireCalibration(context, planned.method.meta);
  const looks = looksAtInputs(layers, withMoments(work.look.take));
  const seen = await provider.collect(ground.model, looks, {
    ...(context.signal && { signal: context.signal }),
    progress: (fraction, detail) => context.progress(position, fraction * COLLECTING, detail),
  });
  return encodeGroup(encoding, layers, seen, model);
}

/**
 * Layer by layer along a walk. In a sequential work each part runs as it is compressed by then: what lies
 * before a stop is filled, so it is the planned model itself. Else the float model runs, and walking only
 * bounds how much of what was seen is held.
 */
async function encodeInOrder(encoding: Encoding, model: Model): Promise<Model> {
  const { step, work } = encoding;
  const { context, planned, ground } = step;
  const provider = requireCalibration(context, planned.method.meta);
  const sequential = work.look?.sequential === true;
  const tied = tiedPlaces(work);
  const layers = work.layers.filter((place) => !tied.includes(place)).map(({ layer }) => layer);
  let current = await encodeTied(encoding, tied, model);
  const stops = provider.walk(
    {
      model: ground.model,
      current: () => (sequential ? current : ground.model),
      layers,
      take: withMoments(work.look?.take ?? []),
    },
    context.signal,
  );
  for await (const stop of stops) {
    current = await encodeGroup(encoding, stop.layers, stop.seen, current);
  }
  return current;
}

/** Outputs of the products whose table look-ups read, too. */
function tiedProducts({ layers }: EncodeWork): ReadonlySet<string> {
  return new Set(layers.flatMap(({ valuesOf }) => valuesOf ?? []));
}

/** Those products and look-ups. */
function tiedPlaces(work: EncodeWork): readonly EncodedPlace[] {
  const products = tiedProducts(work);
  return work.layers.filter(
    ({ layer, valuesOf }) => valuesOf !== undefined || products.has(layer.output),
  );
}

/** WHY first: a look-up reads the table before anything else runs, so what it is has to be known from what the float model feeds the product. */
async function encodeTied(
  encoding: Encoding,
  tied: readonly EncodedPlace[],
  model: Model,
): Promise<Model> {
  if (tied.length === 0) return model;
  const { step, work } = encoding;
  const { context, planned, ground } = step;
  const provider = requireCalibration(context, planned.method.meta);
  const layers = tied.map(({ layer }) => layer);
  const take = withMoments(work.look?.take ?? []).filter((one) => !needsFloatPath(one));
  const seen = await provider.collect(ground.model, looksAtInputs(layers, take), {
    ...(context.signal && { signal: context.signal }),
    progress: (_, detail) => context.progress(step.position, 0, detail),
  });
  return encodeGroup(encoding, layers, onFloatPath(seen), model);
}

/** The report's error is measured on the layer's output, which takes XᵀX, whatever the method looks at. */
function withMoments(take: readonly Take[]): readonly Take[] {
  return ['moments', ...take];
}

async function encodeGroup(
  encoding: Encoding,
  layers: readonly Layer[],
  seen: Seen,
  model: Model,
): Promise<Model> {
  const { signal, spill } = encoding.step.context;
  const made = new Map<string, TensorData>();
  for (const layer of layers) {
    throwIfCancelled(signal);
    const place = encoding.places.get(layer.output);
    if (place === undefined) continue;
    const filled = await encodeOne(encoding, place, seen);
    const kept = (await spill?.put(filled)) ?? inMemory(filled);
    for (const [name, data] of kept) made.set(name, data);
    await breathe();
  }
  return fillWith(model, made);
}

async function encodeOne(
  encoding: Encoding,
  { layer, encoded: planned, slot, valuesOf }: EncodedPlace,
  seen: Seen,
) {
  const { step, encode, measured, shared, work, start } = encoding;
  const { context, position, ground } = step;
  const detail = `layer ${measured.length + 1} of ${work.layers.length}`;
  const report = (fraction: number): void => {
    const done = (measured.length + fraction) / work.layers.length;
    context.progress(position, start + (1 - start) * done, detail);
  };
  const weight = await readWeight(ground.model, layer);
  const keep = keeper(step, layer.name);
  const random = methodContext(step, layer.name, work.draws === true);
  const own = { ...random, progress: report, ...(keep && { keep }) };
  const factors = encoding.factors.get(layer.output);
  const given = factors === undefined ? weight : scaled(weight, factors);
  const known = valuesOf === undefined ? undefined : shared.get(valuesOf);
  const { encoded, input, together, warnings } = known
    ? { encoded: known }
    : await encode(given, planned, seen, own);
  if (tiedProducts(work).has(layer.output)) shared.set(layer.output, encoded);
  const errors = together
    ? await errorTogether(step, layer, together, seen)
    : await errorsOf(step, { ...weight, ...(factors && { factors }) }, encoded, seen);
  const result = { name: layer.name, ...errors, ...(warnings && { warnings }) };
  measured.push({ step: step.planned.index, ...result });
  context.onLayer?.(result);
  report(0);
  return fillingsOf(slot, encoded, input);
}

function scaled(weight: LayerWeight, factors: WeightFactors): LayerWeight {
  const values = scaledWeight(weight.values, weight.layer.inFeatures, factors);
  return { ...weight, values, factors };
}
