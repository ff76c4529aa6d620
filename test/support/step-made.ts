import { recognise } from '../../src/core/anatomy/recognise.ts';
import type { Layer } from '../../src/core/anatomy/types.ts';
import { fillingsOf } from '../../src/core/encodings/index.ts';
import { scaledWeight } from '../../src/core/folds/index.ts';
import type { Ground, Method, Oracle, StepPlan } from '../../src/core/methods/contract.ts';
import { readWeight } from '../../src/core/methods/weight.ts';
import { fillHoles, requireFilled } from '../../src/core/onnx/fill.ts';
import type { Model, ValueInfo } from '../../src/core/onnx/types.ts';
import { createTake } from '../../src/core/statistics/create-take.ts';
import { looksAtInputs, lookKey, type Look } from '../../src/core/statistics/look.ts';
import { seenIn, type Seen } from '../../src/core/statistics/seen.ts';
import type { Value } from '../../src/core/tensor/values.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { firstStep } from './methods.ts';
import { runModel } from './run-model.ts';

const TAKES = ['moments', 'norms', 'maxima', 'mean', 'range', 'histogram'] as const;

const context = () => ({ random: seededRandom(1) });

type Feeds = Readonly<Record<string, Value>>;

/** What calibration would show of all inputs of layers, in one run of the model. */
export async function seenInRun(
  model: Model,
  layers: readonly Layer[],
  feeds: Feeds,
): Promise<Seen> {
  const looks = looksAtInputs(layers, TAKES);
  return seenAt(model, looks, feeds);
}

async function seenAt(model: Model, looks: readonly Look[], feeds: Feeds): Promise<Seen> {
  const have = new Set(model.graph.outputs.map(({ name }) => name));
  const asked = [...new Set(looks.map(({ value }) => value))].filter((name) => !have.has(name));
  const outputs: ValueInfo[] = [
    ...model.graph.outputs,
    ...asked.map((name): ValueInfo => ({ name })),
  ];
  const values = await runModel({ ...model, graph: { ...model.graph, outputs } }, feeds);
  const results = new Map<string, unknown>();
  for (const look of looks) {
    const value = values.get(look.value);
    const columns = look.rowsOf?.inFeatures ?? value?.dims.at(-1) ?? 1;
    if (value === undefined || value.dims.at(-1) !== columns) continue;
    const x = Float32Array.from(value.data as ArrayLike<number>, Number);
    for (const take of TAKES) {
      const accumulator = createTake(take, columns);
      accumulator.add(x, x.length / columns);
      results.set(lookKey(look, take), accumulator.finish());
    }
  }
  return seenIn(results);
}

export interface Made {
  readonly plan: StepPlan;
  readonly model: Model;
  readonly ground: Ground;
}

/** A step as the engine runs it, decision included, with what one run of the model shows for calibration. */
export async function stepMade<O>(
  method: Method<O>,
  given: O,
  model: Model,
  feeds: Feeds,
  chosen?: (layer: Layer) => boolean,
): Promise<Made> {
  const anatomy = recognise(model);
  const ground: Ground = { model, anatomy, original: model };
  const accepted = anatomy.layers.filter(({ op }) => method.meta.accepts.includes(op));
  const layers = chosen ? accepted.filter(chosen) : accepted;
  const seen = await seenInRun(model, anatomy.layers, feeds);
  const ask = {
    progress: () => undefined,
    note: () => undefined,
    seen: () => Promise.resolve(seen),
  };
  const decided = await method.decide?.(ground, layers, given, ask as unknown as Oracle<O>);
  const plan = await method.plan(ground, layers, decided ?? given, firstStep);
  let made = plan.model;
  for (const work of plan.work) {
    if (work.kind === 'fill') made = fillHoles(made, await work.fill(ground, seen, context()));
    if (work.kind === 'encode') made = await encoded(work, made, { ground, seen });
  }
  requireFilled(made);
  return { plan, model: made, ground };
}

async function encoded(
  work: Extract<StepPlan['work'][number], { kind: 'encode' }>,
  open: Model,
  { ground, seen }: { readonly ground: Ground; readonly seen: Seen },
): Promise<Model> {
  const stops = async function* () {
    yield { layers: work.layers.map(({ layer }) => layer), seen };
  };
  const rescaled = await work.rescaling?.decide(ground, stops(), context());
  let made = rescaled ? fillHoles(open, rescaled.fillings) : open;
  const encode = await work.prepare(async function* () {}, context());
  for (const { layer, encoded: planned, slot } of work.layers) {
    const weight = await readWeight(ground.model, layer);
    const factors = rescaled?.factors.get(layer.output);
    const values = factors ? scaledWeight(weight.values, layer.inFeatures, factors) : weight.values;
    const given = { ...weight, values, ...(factors && { factors }) };
    const outcome = await encode(given, planned, seen, context());
    made = fillHoles(made, fillingsOf(slot, outcome.encoded, outcome.input));
  }
  return made;
}

/** ‖a − b‖ / ‖a‖ over all outputs that are floats. */
export async function relativeDistance(a: Model, b: Model, feeds: Feeds): Promise<number> {
  const [before, after] = [await runModel(a, feeds, 'all'), await runModel(b, feeds, 'all')];
  let [apart, size] = [0, 0];
  for (const [name, value] of before) {
    const other = after.get(name);
    if (other?.data.length !== value.data.length) return Infinity;
    value.data.forEach((x, i) => {
      apart += (Number(x) - Number(other.data[i])) ** 2;
      size += Number(x) ** 2;
    });
  }
  return Math.sqrt(apart / size);
}
