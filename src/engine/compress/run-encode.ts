import type { Layer } from '../../core/anatomy/types.ts';
import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type {
  EncodedPlace,
  EncodeLayer,
  EncodeWork,
  LayerWeight,
} from '../../core/methods/contract.ts';
import { readWeight } from '../../core/methods/weight.ts';
import { fillHoles } from '../../core/onnx/fill.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { MeasuredLayer } from '../../core/recipe/build-report.ts';
import type { LayerStatistics, StatisticsNeeds } from '../../core/statistics/types.ts';
import { breathe } from '../../runtime/breathe.ts';
import { errorsOf } from './layer-errors.ts';
import { methodContext } from './random.ts';
import { requireCalibration } from './require-calibration.ts';
import type { RunningStep, StageResult } from './types.ts';

type Statistics = ReadonlyMap<string, LayerStatistics>;

/** Work under way. */
interface Encoding {
  readonly step: RunningStep;
  readonly work: EncodeWork;
  readonly encode: EncodeLayer;
  readonly places: ReadonlyMap<string, EncodedPlace>;
  readonly measured: MeasuredLayer[];
  /** Where on the step's bar the layers begin: before lies collecting. */
  readonly start: number;
}

/** Share of a step's time that collecting statistics takes: measured on the shipped models, roughly. */
const COLLECTING = 0.5;

/** Encodes layer by layer, at once or in the order in which values flow. Throws on cancel. */
export async function runEncode(
  work: EncodeWork,
  step: RunningStep,
  model: Model,
): Promise<StageResult> {
  const atOnce = work.needs?.sequential !== true;
  const encode = await work.prepare(
    weightsOf(work, step),
    methodContext(step, 'prepare', work.draws === true),
  );
  const places = new Map(work.layers.map((place) => [place.layer.output, place]));
  const start = work.needs !== undefined && atOnce ? COLLECTING : 0;
  const encoding = { step, work, encode, places, start, measured: [] };
  const filled = atOnce
    ? await encodeAtOnce(encoding, model)
    : await encodeInOrder(encoding, model);
  return { model: filled, measured: encoding.measured, trained: [] };
}

function weightsOf({ layers }: EncodeWork, { ground }: RunningStep) {
  return async function* (): AsyncGenerator<LayerWeight> {
    for (const { layer } of layers) yield await readWeight(ground.model, layer);
  };
}

async function encodeAtOnce(encoding: Encoding, model: Model): Promise<Model> {
  const { step, work } = encoding;
  const layers = work.layers.map(({ layer }) => layer);
  if (work.needs === undefined) return encodeGroup(encoding, layers, new Map(), model);
  const { context, position, planned, ground } = step;
  const provider = requireCalibration(context, planned.method.meta);
  const statistics = await provider.collect(ground.model, layers, forReport(work.needs), {
    ...(context.signal && { signal: context.signal }),
    progress: (fraction, detail) => context.progress(position, fraction * COLLECTING, detail),
  });
  return encodeGroup(encoding, layers, statistics, model);
}

async function encodeInOrder(encoding: Encoding, model: Model): Promise<Model> {
  const { step, work } = encoding;
  const { context, planned } = step;
  const provider = requireCalibration(context, planned.method.meta);
  const needs = { secondMoments: true, sequential: true, ...work.needs };
  return provider.sequential(
    model,
    work.layers.map(({ layer }) => layer),
    forReport(needs),
    (group, statistics, current) => encodeGroup(encoding, group, statistics, current),
    {
      ...(context.signal && { signal: context.signal }),
      progress: () => undefined,
    },
  );
}

/** Second moments are collected for every calibrated method: without them its error on outputs is unknown. */
function forReport(needs: StatisticsNeeds): StatisticsNeeds {
  return { ...needs, secondMoments: true };
}

async function encodeGroup(
  encoding: Encoding,
  layers: readonly Layer[],
  statistics: Statistics,
  model: Model,
): Promise<Model> {
  const fillings = new Map<string, Uint8Array>();
  for (const layer of layers) {
    throwIfCancelled(encoding.step.context.signal);
    const place = encoding.places.get(layer.output);
    if (place === undefined) continue;
    const filled = await encodeOne(encoding, place, statistics.get(layer.name));
    for (const [name, bytes] of filled) fillings.set(name, bytes);
    await breathe();
  }
  return fillHoles(model, fillings);
}

async function encodeOne(
  encoding: Encoding,
  { layer, encoded: planned, slot }: EncodedPlace,
  statistics: LayerStatistics | undefined,
) {
  const { step, encode, measured, work, start } = encoding;
  const { context, position, ground } = step;
  const report = (fraction: number): void => {
    const done = (measured.length + fraction) / work.layers.length;
    context.progress(position, start + (1 - start) * done, layer.name);
  };
  const weight = await readWeight(ground.model, layer);
  const own = { ...methodContext(step, layer.name, work.draws === true), progress: report };
  const { encoded, warnings } = await encode(weight, planned, statistics, own);
  const errors = await errorsOf(step, weight, encoded, statistics);
  const result = { name: layer.name, ...errors, ...(warnings && { warnings }) };
  measured.push({ step: step.planned.index, ...result });
  context.onLayer?.(result);
  report(0);
  return slot(encoded);
}
