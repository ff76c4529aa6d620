import type { z } from 'zod';
import type { Anatomy, Layer } from '../anatomy/types.ts';
import type { Model } from '../onnx/types.ts';
import type { LayerStatistics, StatisticsNeeds } from '../statistics/types.ts';
import type { Objective } from '../training/objective.ts';
import type { EncodedWeight } from './encoding.ts';

export type Family =
  'quantization' | 'pruning' | 'low-rank' | 'sharing' | 'distillation' | 'tuning';

export interface Paper {
  readonly authors: string;
  readonly year: number;
  readonly title: string;
  /** arXiv id, when there is one. */
  readonly arxiv?: string;
  readonly url?: string;
}

/** What every method says about itself; docs, forms, the command line and the page are made from it. */
export interface MethodMeta<Schema extends z.ZodObject = z.ZodObject> {
  /** kebab-case, equal to the folder name. */
  readonly id: string;
  readonly family: Family;
  readonly title: string;
  /** One line for people who know the field. */
  readonly summary: string;
  /** One sentence for people who do not. */
  readonly plain: string;
  readonly paper?: Paper;
  readonly cost: 'low' | 'high';
  readonly needs: readonly ('calibration' | 'labels' | 'training')[];
  /** Which layers it can work on. */
  readonly accepts: readonly Layer['op'][];
  /** Id of the method shown beside it; absent for the baselines themselves. */
  readonly baseline?: string;
  /** It changes what a decoder keeps in its key/value cache: its trials are measured with the cache filled. */
  readonly touchesCache?: boolean;
  /**
   * Options with defaults. Every field carries `.meta({ title, description, advanced?, unit? })`:
   * the form, the command line and the docs are generated from this schema.
   */
  readonly options: Schema;
}

/** Random numbers, seeded: the same seed gives the same stream on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

export interface MethodContext {
  readonly signal?: AbortSignal;
  /** Fraction done of this call, 0…1. */
  readonly progress?: (fraction: number) => void;
  readonly random: Random;
}

/** What the model around a weight allows, so that `compress` chooses the same form as `plan` did. */
export interface WeightSite {
  /** Version of the standard operator set. */
  readonly opset: number;
  /** Type of the initializer, and the type its node computes in. */
  readonly dataType: number;
  readonly elementType: number;
  /** A product without scaling factors or a transposed input. */
  readonly plain: boolean;
}

/** One layer's weight as methods see it: always row-major [outFeatures, inFeatures], float32. */
export interface LayerWeight {
  readonly layer: Layer;
  readonly values: Float32Array;
  /** Set by `readWeight`; without it a float32 model of a recent operator set is assumed. */
  readonly site?: WeightSite;
}

/**
 * One compressed layer. The engine measures its error itself, and runs `meta.baseline` with the
 * options both methods share to put the baseline's error beside it.
 */
export interface LayerOutcome {
  readonly encoded: EncodedWeight;
  /** Sentences a user should read ("fewer calibration rows than columns: …"). */
  readonly warnings?: readonly string[];
}

export interface Refusal {
  readonly refused: string;
}

/**
 * A method that turns one layer's weight into another form, one layer at a time.
 * `plan` decides the form from shapes and options alone; `compress` fills it in. The bytes of both
 * are equal, which is what makes the size forecast exact.
 */
export interface LayerMethod<Options = unknown> {
  readonly kind: 'layer';
  readonly meta: MethodMeta;
  needs(options: Options): StatisticsNeeds | undefined;
  plan(layer: Layer, options: Options, model: Model): EncodedWeight | Refusal;
  compress(
    weight: LayerWeight,
    statistics: LayerStatistics | undefined,
    options: Options,
    context: MethodContext,
  ): Promise<LayerOutcome>;
  /**
   * For choices made over all targeted layers together (a global threshold): called once before
   * `compress`, its result is handed back as `options`.
   */
  prepare?(
    weights: () => AsyncIterable<LayerWeight>,
    options: Options,
    context: MethodContext,
  ): Promise<Options>;
}

/** What a graph method reports about each thing it touched or left. */
export interface GraphOutcome {
  readonly model: Model;
  readonly touched: readonly string[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** A method that rewrites the graph as a whole (de-duplication, float16 storage). */
export interface GraphMethod<Options = unknown> {
  readonly kind: 'graph';
  readonly meta: MethodMeta;
  /**
   * `planning` is true when only sizes matter: tensors whose bytes are not needed for a decision may
   * then be left planned. The bytes of the model it returns must be the same either way.
   */
  rewrite(
    model: Model,
    anatomy: Anatomy,
    targets: readonly Layer[],
    options: Options,
    context: MethodContext & { readonly planning: boolean },
  ): Promise<GraphOutcome>;
}

/** How long and how fast a training method trains; every one of them has these options. */
export interface TrainingSettings {
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly batchSize: number;
  /** Batches whose gradients make one step. */
  readonly accumulate: number;
  readonly weightDecay: number;
  /** Steps between two looks at held-out data, and looks without gain after which it ends (0: never). */
  readonly validateEvery: number;
  readonly patience: number;
}

/** Text that the original is to write for the student to learn from. */
export interface Generation {
  readonly count: number;
  /** Tokens of the user's texts that each begins with. */
  readonly promptTokens: number;
  readonly temperature: number;
  readonly topP?: number;
}

/** What a training method makes of a model before the first step. */
export interface TrainingSetup {
  /** The model to train, with whatever was added to it. */
  readonly student: Model;
  /** Initializers of `student` that change. */
  readonly trainable: readonly string[];
  readonly teacher?: Model;
  readonly objective: Objective;
  /** Pruned weights stay pruned: matrix entries that are exactly zero are not trained. */
  readonly keepZeros: boolean;
  readonly settings: TrainingSettings;
  /** Set when the original writes what is learned from; the user's own text is then for looking at only. */
  readonly generate?: Generation;
  /** Names of the layers whose own weights come out changed. */
  readonly touched: readonly string[];
  readonly skipped: GraphOutcome['skipped'];
  /** The model that goes on, from the trained student: merges what is to be merged. */
  readonly finish: (trained: Model) => Promise<Model>;
  /** What `finish` will give, its changed weights planned: sizes are exact. */
  readonly planned: Model;
  /** Set when that is another model than before: what later steps find in it. */
  readonly anatomy?: Anatomy;
}

/** A method that needs gradients: it says what is trained towards what; the engine trains. */
export interface TrainingMethod<Options = unknown> {
  readonly kind: 'training';
  readonly meta: MethodMeta;
  /** From shapes alone while `planning`: weights need not have bytes then. */
  prepare(
    model: Model,
    anatomy: Anatomy,
    targets: readonly Layer[],
    options: Options,
    context: MethodContext & { readonly planning: boolean; readonly original: Model },
  ): Promise<TrainingSetup>;
}

/** Any method. Its options are what `meta.options.parse` gives; a method checks no types again. */
export type Method = LayerMethod | GraphMethod | TrainingMethod;
