import { recognise } from '../../src/core/anatomy/recognise.ts';
import type { Anatomy, Layer } from '../../src/core/anatomy/types.ts';
import { decodeWeight, fillingsOf, type Encoded } from '../../src/core/encodings/index.ts';
import type {
  Ground,
  LayerOutcome,
  LayerWeight,
  Method,
  MethodContext,
  PlanContext,
  StepPlan,
  TrainingSetup,
} from '../../src/core/methods/contract.ts';
import type { EncoderMethod } from '../../src/core/methods/encoder-method.ts';
import { isRefusal } from '../../src/core/methods/site.ts';
import { readWeight } from '../../src/core/methods/weight.ts';
import { fillHoles, requireFilled } from '../../src/core/onnx/fill.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { nothingSeen, type Seen } from '../../src/core/statistics/seen.ts';
import { context } from '../fixtures/methods/statistics.ts';

/** The first step of a recipe. */
export const firstStep: PlanContext = { index: 0, change: () => undefined };

/** The form a layer's weight takes; a refusal fails the test. */
export function formOf<O>(
  { encoder }: EncoderMethod<O>,
  layer: Layer,
  options: O,
  model: Model,
): Encoded {
  const form = encoder.form(layer, options, model);
  if (isRefusal(form)) throw new Error(form.refused);
  return form;
}

/** What a recipe would make of one layer's weight. */
export function encode<O>(
  method: EncoderMethod<O>,
  model: Model,
  weight: LayerWeight,
  options: O,
  seen: Seen = nothingSeen,
  own: MethodContext = context,
): Promise<LayerOutcome> {
  const form = formOf(method, weight.layer, options, model);
  return method.encoder.encode(weight, form, seen, options, own);
}

/** Ŵ [outFeatures, inFeatures]: what the exported graph computes with. A layer that is left alone fails the test. */
export async function compressed<O>(
  method: EncoderMethod<O>,
  model: Model,
  layer: Layer,
  options: O,
  seen?: Seen,
): Promise<Float32Array> {
  const weight = await readWeight(model, layer);
  const { encoded } = await encode(method, model, weight, options, seen);
  return decodeWeight(encoded, layer.outFeatures, layer.inFeatures);
}

/** The model that a step without data makes, by its own plan and work. */
export async function encodedModel<O>(
  method: Method<O>,
  model: Model,
  layers: readonly Layer[],
  options: O,
): Promise<{ readonly model: Model; readonly plan: StepPlan }> {
  const ground: Ground = { model, anatomy: recognise(model), original: model };
  const plan = await method.plan(ground, layers, options, firstStep);
  let made = plan.model;
  for (const work of plan.work) {
    if (work.kind !== 'encode') throw new Error(`${method.meta.title} does more than encode.`);
    const weights = async function* () {
      for (const { layer } of work.layers) yield await readWeight(model, layer);
    };
    const run = await work.prepare(weights, context);
    for (const { layer, encoded: planned, slot } of work.layers) {
      const weight = await readWeight(model, layer);
      const { encoded, input } = await run(weight, planned, nothingSeen, context);
      made = fillHoles(made, fillingsOf(slot, encoded, input));
    }
  }
  requireFilled(made);
  return { model: made, plan };
}

export interface TrainingGround {
  readonly anatomy?: Anatomy;
  readonly original?: Model;
  readonly seed?: number;
}

export interface PosedTraining extends TrainingSetup {
  readonly plan: StepPlan;
  /** What goes on after `trained`. */
  filled(trained: Model): Promise<Model>;
}

/** A training method's plan, and its training as it begins. */
export async function trainingOf<O>(
  method: Method<O>,
  model: Model,
  layers: readonly Layer[],
  options: O,
  given: TrainingGround = {},
): Promise<PosedTraining> {
  const { anatomy = recognise(model), original = model, seed = 1 } = given;
  const ground: Ground = { model, anatomy, original };
  const plan = await method.plan(ground, layers, options, firstStep);
  const [work] = plan.work;
  if (work?.kind !== 'train') throw new Error(`${method.meta.title} trains nothing here.`);
  const setup = await work.setup(ground, { random: seededRandom(seed) });
  const filled = async (trained: Model): Promise<Model> => {
    const model = fillHoles(plan.model, await setup.finish(trained));
    requireFilled(model);
    return model;
  };
  return { ...setup, plan, filled };
}
