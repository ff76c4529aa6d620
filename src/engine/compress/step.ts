import type { Layer } from '../../core/anatomy/types.ts';
import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type { LayerMethod, LayerWeight, MethodContext } from '../../core/methods/contract.ts';
import type { EncodedLayer } from '../../core/methods/encoding.ts';
import { applyEncoded } from '../../core/methods/export/apply.ts';
import { readWeight } from '../../core/methods/weight.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { MeasuredLayer } from '../../core/recipe/build-report.ts';
import type { PlannedStep } from '../../core/recipe/plan-types.ts';
import type { LayerStatistics, StatisticsNeeds } from '../../core/statistics/types.ts';
import { breathe } from '../../runtime/breathe.ts';
import { compressLayer } from './layer.ts';
import { layerRandom } from './random.ts';
import { requireCalibration } from './require-calibration.ts';
import type { CompressContext, StageResult } from './types.ts';

/** Everything a layer-wise step works with. */
interface Work {
  readonly method: LayerMethod;
  readonly planned: PlannedStep;
  /** Position among the plan's steps, for progress. */
  readonly position: number;
  readonly context: CompressContext;
  readonly options: Readonly<Record<string, unknown>>;
  /** Options after `prepare`. */
  readonly prepared: unknown;
  readonly measured: MeasuredLayer[];
}

/** Share of a step's time that collecting statistics takes: measured on the shipped models, roughly. */
const COLLECTING = 0.5;

/** Runs one layer-wise step as planned. Throws on cancel; the input model is never changed. */
export async function runLayerStep(
  method: LayerMethod,
  model: Model,
  planned: PlannedStep,
  position: number,
  context: CompressContext,
): Promise<StageResult> {
  const options = method.meta.options.parse(planned.step.options);
  const layers = planned.layers.map(({ layer }) => layer);
  const draft = { method, planned, position, context, options, measured: [] };
  const work: Work = { ...draft, prepared: await prepare(draft, model, layers) };
  const needs = method.needs(options);
  const compressed =
    needs?.sequential === true
      ? await compressInOrder(work, model, layers, needs)
      : await compressAtOnce(work, model, layers, needs);
  return { model: compressed, measured: work.measured, trained: [] };
}

async function prepare(
  work: Omit<Work, 'prepared'>,
  model: Model,
  layers: readonly Layer[],
): Promise<unknown> {
  const { method, options } = work;
  if (method.prepare === undefined) return options;
  async function* weights(): AsyncGenerator<LayerWeight> {
    for (const layer of layers) yield await readWeight(model, layer);
  }
  return method.prepare(weights, options, methodContext(work, 'prepare'));
}

async function compressAtOnce(
  work: Work,
  model: Model,
  layers: readonly Layer[],
  needs: StatisticsNeeds | undefined,
): Promise<Model> {
  if (needs === undefined) return compressGroup(work, layers, new Map(), model, 0);
  const { context, method, position } = work;
  const provider = requireCalibration(context, method.meta);
  const statistics = await provider.collect(model, layers, forReport(needs), {
    ...(context.signal && { signal: context.signal }),
    progress: (fraction, detail) => context.progress(position, fraction * COLLECTING, detail),
  });
  return compressGroup(work, layers, statistics, model, COLLECTING);
}

async function compressInOrder(
  work: Work,
  model: Model,
  layers: readonly Layer[],
  needs: StatisticsNeeds,
): Promise<Model> {
  const { context, method, position } = work;
  const provider = requireCalibration(context, method.meta);
  return provider.sequential(
    model,
    layers,
    forReport(needs),
    (group, statistics, current) => compressGroup(work, group, statistics, current, 0),
    {
      ...(context.signal && { signal: context.signal }),
      progress: (fraction, detail) => context.progress(position, fraction, detail),
    },
  );
}

/** Second moments are collected for every calibrated method: without them its error on outputs is unknown. */
function forReport(needs: StatisticsNeeds): StatisticsNeeds {
  return { ...needs, secondMoments: true };
}

async function compressGroup(
  work: Work,
  layers: readonly Layer[],
  statistics: ReadonlyMap<string, LayerStatistics>,
  model: Model,
  start: number,
): Promise<Model> {
  const { context, measured, planned, position } = work;
  const encoded: EncodedLayer[] = [];
  for (const layer of layers) {
    throwIfCancelled(context.signal);
    encoded.push(await compressOne(work, layer, statistics.get(layer.name), model));
    const done = measured.length / planned.layers.length;
    context.progress(position, start + (1 - start) * done, layer.name);
    await breathe();
  }
  return applyEncoded(model, encoded);
}

async function compressOne(
  work: Work,
  layer: Layer,
  statistics: LayerStatistics | undefined,
  model: Model,
): Promise<EncodedLayer> {
  const { method, options, prepared, planned, measured, context } = work;
  const { encoded, result } = await compressLayer({
    method,
    options,
    prepared,
    weight: await readWeight(model, layer),
    statistics,
    model,
    context: methodContext(work, layer.name),
  });
  measured.push({ step: planned.index, ...result });
  context.onLayer?.(result);
  return { layer, encoded };
}

function methodContext(
  { context, planned }: Pick<Work, 'context' | 'planned'>,
  label: string,
): MethodContext {
  return {
    random: layerRandom(context.plan.recipe.seed, planned.index, label),
    ...(context.signal && { signal: context.signal }),
  };
}
