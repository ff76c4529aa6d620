import type { Layer } from '../../anatomy/types.ts';
import { LatheError, throwIfCancelled } from '../../errors/lathe-error.ts';
import {
  applyFolds,
  fillFolds,
  findFolds,
  tieScales,
  weightFactors,
  type Fold,
  type FoldedModel,
} from '../../folds/index.ts';
import type { Model } from '../../onnx/types.ts';
import type { Seen } from '../../statistics/seen.ts';
import type { Take } from '../../statistics/take.ts';
import type {
  Encoder,
  LayerWeight,
  Method,
  MethodContext,
  MethodMeta,
  Rescaling,
  StepPlan,
} from '../contract.ts';
import { encoderMethod, type EncoderMethod } from '../encoder-method.ts';
import { readWeight } from '../weight.ts';
import { foldSentence } from './fold-sentence.ts';

/** Weights that read one value, and what was seen of it. */
export interface SharedInput {
  readonly channels: number;
  /** W of every layer that is quantized, below each other: [rows, channels]. */
  readonly weights: readonly LayerWeight[];
  readonly seen: Seen;
}

/** How a method that scales input channels chooses s, one for each channel. */
export interface ScaledChannels<Options> {
  readonly take: readonly Take[];
  choose(shared: SharedInput, options: Options, context: MethodContext): Float64Array;
}

/**
 * A method that encodes W·diag(s) where x / s is folded into what stands before: norms, linear layers, or one multiplication of the
 * value. Layers that read one value share s.
 */
export function scaledMethod<Options>(
  meta: MethodMeta,
  encoder: Encoder<Options>,
  own: ScaledChannels<Options>,
): EncoderMethod<Options> {
  const plain = encoderMethod(meta, encoder);
  const plan: Method<Options>['plan'] = async (ground, targets, options, context) => {
    const first = await plain.plan(ground, targets, options, context);
    const layers = scalable(first);
    const folds = findFolds(ground.model, ground.anatomy.layers, layers).filter(({ readers }) =>
      readers.every(({ output }) => !tiedProducts(first).has(output)),
    );
    if (folds.length === 0) return first;
    const encoded = new Set(layers.map(({ output }) => output));
    const folded = applyFolds(ground.model, folds, encoded);
    const made = await plain.plan({ ...ground, model: folded.model }, targets, options, context);
    const rescaling = rescalingOf(own, options, { folds, folded, encoded });
    return {
      ...made,
      warnings: [...(made.warnings ?? []), foldSentence(folds)],
      work: made.work.map((work) => (work.kind === 'encode' ? { ...work, rescaling } : work)),
    };
  };
  return { meta, encoder, plan };
}

/** Products whose table look-ups read, too: a scale of its columns would be theirs as well. */
function tiedProducts({ work }: StepPlan): ReadonlySet<string> {
  const places = work.flatMap((one) => (one.kind === 'encode' ? one.layers : []));
  return new Set(places.flatMap(({ valuesOf }) => valuesOf ?? []));
}

function scalable(plan: StepPlan): readonly Layer[] {
  const tied = tiedProducts(plan);
  return plan.lines.map(({ layer }) => layer).filter(({ output }) => !tied.has(output));
}

interface Folding {
  readonly folds: readonly Fold[];
  readonly folded: FoldedModel;
  readonly encoded: ReadonlySet<string>;
}

function rescalingOf<Options>(
  own: ScaledChannels<Options>,
  options: Options,
  { folds, folded, encoded }: Folding,
): Rescaling {
  return {
    take: own.take,
    decide: async (ground, stops, context) => {
      const scales = folds.map(({ channels }): Float64Array => new Float64Array(channels).fill(1));
      const open = new Map(folds.map((fold, at) => [at, fold]));
      for await (const { layers, seen } of stops) {
        const here = new Set(layers.map(({ output }) => output));
        for (const [at, fold] of open) {
          throwIfCancelled(context.signal);
          const readers = fold.readers.filter(({ output }) => encoded.has(output));
          const seenReader = readers.find(({ output }) => here.has(output));
          if (seenReader === undefined) continue;
          const read = { readers, seenReader, seen };
          scales[at] = await scalesOf(own, options, fold, read, ground.model, context);
          open.delete(at);
          context.progress?.(1 - open.size / folds.length);
        }
      }
      const fillings = await fillFolds(folded, ground.model, scales, context.signal);
      return { factors: weightFactors(folds, scales), fillings };
    },
  };
}

/** Layers that read a folded value, and what was seen of one of them. */
export interface Read {
  readonly readers: readonly Layer[];
  readonly seenReader: Layer;
  readonly seen: Seen;
}

/** s of one fold as the method chooses it; tied channels have one. Throws `weight-not-finite`, `scale-not-finite`. */
export async function scalesOf<Options>(
  own: ScaledChannels<Options>,
  options: Options,
  fold: Fold,
  { readers, seenReader, seen }: Read,
  model: Model,
  context: MethodContext,
): Promise<Float64Array> {
  const weights = await weightsOf(model, seenReader, readers);
  const s = own.choose({ channels: fold.channels, weights, seen }, options, context);
  return requireUsable(tieScales(fold, s), seenReader);
}

/** The one that was seen first, then the others that read the same rows. */
async function weightsOf(
  model: Model,
  first: Layer,
  readers: readonly Layer[],
): Promise<LayerWeight[]> {
  const weights: LayerWeight[] = [];
  for (const layer of [first, ...readers.filter((reader) => reader !== first)]) {
    const weight = await readWeight(model, layer);
    const bad = weight.values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw notFinite(layer);
    weights.push(weight);
  }
  return weights;
}

function notFinite({ name }: Layer): LatheError {
  return new LatheError(
    'weight-not-finite',
    `"${name}" holds a value that is not a finite number, so no scale can be chosen for it: repair or re-export the model, or leave this layer out.`,
    { layer: name },
  );
}

function requireUsable(s: Float64Array, { name }: Layer): Float64Array {
  if (s.every((value) => value > 0 && Number.isFinite(value))) return s;
  throw new LatheError(
    'scale-not-finite',
    `The scales chosen for what "${name}" reads are not all positive numbers; collect the calibration again, or leave this layer out.`,
    { layer: name },
  );
}
