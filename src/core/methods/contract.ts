import type { z } from 'zod';
import type { Ablation, AblationLoss } from '../ablation/types.ts';
import type { Anatomy, Layer } from '../anatomy/types.ts';
import type { Companions, CompanionsRule } from '../companions/types.ts';
import type { Encoded, InputCode, Slot, StoredWeight } from '../encodings/index.ts';
import type { WeightFactors } from '../folds/index.ts';
import type { Fillings } from '../onnx/fill.ts';
import type { Graph, Model } from '../onnx/types.ts';
import type { Random } from '../random/random.ts';
import type { Histogram } from '../statistics/histogram/histogram.ts';
import type { CoveredRange } from '../statistics/histogram/round-histogram.ts';
import type { Look } from '../statistics/look.ts';
import type { Seen } from '../statistics/seen.ts';
import type { Take } from '../statistics/take.ts';
import type { TokenCounts } from '../text/vocabulary/choose-tokens.ts';
import type { Aims } from './aims.ts';
import type { BlockChoice } from './block-choice.ts';
import type { DecisionNote } from './decision-note.ts';
import type { Family } from './families.ts';
import type { Ground, MethodContext } from './ground.ts';
import type { PartCut } from './part-cut.ts';
import type { InputRanges } from './input-ranges.ts';
import type { Rescaling } from './rescaling.ts';
import type { Generation, TrainingSettings, TrainingSetup } from './training-setup.ts';

export type { Generation, TrainingSettings, TrainingSetup };
export type { Ground, KeepCodes, KeptCodes, MethodContext, Recognised } from './ground.ts';
export type { Rescaled, Rescaling, SeenLayers } from './rescaling.ts';

export interface Paper {
  readonly authors: string;
  readonly year: number;
  readonly title: string;
  /** arXiv id, when there is one. */
  readonly arxiv?: string;
  readonly url?: string;
}

export type Need = 'calibration' | 'labels' | 'training';

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
  readonly needs: readonly Need[];
  /** What it needs besides `needs` with these options. */
  needsWith?(options: z.infer<Schema>): readonly Need[];
  /** Which layers it can work on. */
  readonly accepts: readonly Layer['op'][];
  /** Id of the method shown beside it; absent for the baselines themselves. */
  readonly baseline?: string;
  /** What the baseline is given where it knows an option by another name or other values ("nf4": 4 bits). */
  baselineOptions?(options: z.infer<Schema>): Readonly<Record<string, unknown>>;
  /** Of options with which it looks at data: the nearest ones with which it does not, for a picture at once. */
  withoutData?(options: z.infer<Schema>): z.infer<Schema>;
  /** It changes what a decoder keeps in its key/value cache: its trials are measured with the cache filled. */
  readonly touchesCache?: boolean;
  /** Set where the file keeps its size: what gets smaller is what a decoder keeps while it runs. */
  readonly shrinks?: 'cache';
  /**
   * Options with defaults. Every field carries `.meta({ title, description, advanced?, unit?, control? })`:
   * the form, the command line and the docs are generated from this schema.
   */
  readonly options: Schema;
  /** Options of recipes written for earlier versions, in today's names; what needs no change stays as it is. */
  upgrade?(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** Whether a step's effect is the picture of a single weight, before and after. */
  readonly pictures: 'weight' | 'none';
  /** What the name of a trial says after the id ("4 bits 32"); absent or empty: nothing. */
  short?(options: z.infer<Schema>): string;
  /**
   * The `dtype` of transformers.js that weights are stored in afterwards (`q4`, `q8`, `fp16`, `bnb4` …),
   * of which the file's name is made; absent: the method has no word in it.
   */
  suffix?(options: z.infer<Schema>): string | undefined;
  /** Needed for options with `control: 'blocks'`. */
  readonly blocks?: BlockChoice<z.infer<Schema>>;
  /** The model computes exactly the same afterwards, of the same parts. */
  readonly lossless?: true;
  /** Set when it takes out parts that are named: what is chosen in a picture of the model becomes a step of it. */
  readonly cuts?: PartCut<z.infer<Schema>>;
  /** Set when it can be told what the whole file shall come to, and finds out how. */
  readonly aims?: Aims<z.infer<Schema>>;
  /** Set when its options say which range of each input is covered. */
  readonly ranges?: InputRanges<z.infer<Schema>>;
  /** What the loss of a training is of: the data's labels (the default), or also the distance to a teacher. */
  readonly loss?: 'labels' | 'teacher';
  /** The adapter that a step leaves beside the weights, where it leaves one. */
  adapter?(options: z.infer<Schema>): { readonly dropout: number } | undefined;
}

/** What an earlier step of the recipe made of a layer's weight. */
export interface Change {
  /** Index into `recipe.steps`. */
  readonly step: number;
  /** The method's title. */
  readonly title: string;
  /** In a word ("quantized"); absent when it stayed plain numbers of its own type. */
  readonly did?: string;
}

export interface PlanContext {
  /** Index of this step in the recipe. */
  readonly index: number;
  readonly signal?: AbortSignal;
  /** What earlier steps made of a layer. */
  change(layer: Layer): Change | undefined;
}

/** What happens to one layer: bytes of its weight before and after this step. */
export interface PlannedLine {
  /** As it stands in the model this step starts from. */
  readonly layer: Layer;
  /** The form it takes; absent when it stays plain numbers of which no error is measured (training). */
  readonly encoded?: Encoded;
  /** What that makes of it, in a word; absent when it stays plain numbers of its own type. */
  readonly did?: string;
  /** A weight that several layers share counts for the first. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

/** What a step makes of its ground, known before anything runs. */
export interface StepPlan {
  /** The graph as it will be. What the run decides are holes: named, typed, sized, without bytes. */
  readonly model: Model;
  /** Set when another model goes on than before: what later steps find in it. */
  readonly anatomy?: Anatomy;
  readonly lines: readonly PlannedLine[];
  readonly skipped: readonly Skipped[];
  /** Sentences to read before running: what this step does that one may not expect. */
  readonly warnings?: readonly string[];
  /** Data still decides sizes ({@link Method.decide}): the file will take at most so many bytes. */
  readonly atMost?: number;
  /** Data still decides which parts go, not how many: the answer takes at most so many bytes, written once. */
  readonly undecided?: number;
  /** How the holes get filled, in this order. A run can do nothing but fill holes. */
  readonly work: readonly Work[];
  /** How the files beside the model follow it. Sizes in `config.json` follow the graph by themselves. */
  readonly companions?: CompanionsRule;
  /**
   * Ids of the ground's vocabulary that stay, ascending: each is known by its place from then on. Data is read with
   * the tokenizer that `companions` leaves, by later steps, measuring and writing.
   */
  readonly tokens?: Int32Array;
}

/** One way of filling holes; the engine has one runner for each kind. */
export type Work = EncodeWork | FillWork | TrainWork;

/** One layer's weight as methods see it: always row-major [outFeatures, inFeatures], float32. */
export interface LayerWeight {
  readonly layer: Layer;
  readonly values: Float32Array;
  /** How the file it comes from holds it, where as codes; then `values` are what they stand for. */
  readonly stored?: { readonly graph: Graph; readonly weight: StoredWeight };
  /** In a rescaled work: `values` are diag(rows)·W·diag(columns), and the layer is fed x / columns. */
  readonly factors?: WeightFactors;
}

/**
 * One compressed layer. The engine measures its error itself, and runs the baseline with the
 * options both methods share to put the baseline's error beside it.
 */
export interface LayerOutcome {
  readonly encoded: Encoded;
  /** Where the layer's input is rounded too: how, with what the plan left open. */
  readonly input?: InputCode;
  /** Where `encoded` is added to a weight that stays as it is stored: what both together are to be, and what they are. */
  readonly together?: { readonly wanted: Float32Array; readonly made: Float32Array };
  /** Sentences a user should read ("fewer calibration rows than columns: …"). */
  readonly warnings?: readonly string[];
}

/** Turns one layer's weight into the planned form. */
export type EncodeLayer = (
  weight: LayerWeight,
  planned: Encoded,
  seen: Seen,
  context: MethodContext,
) => Promise<LayerOutcome>;

/** Weights one after the other, any number of times. */
export type Weights = () => AsyncIterable<LayerWeight>;

/** What is looked at of the rows that each layer's weight multiplies. */
export interface InputLook {
  readonly take: readonly Take[];
  /** Layers are encoded in the order in which values flow, and see what the encoded part before them makes. */
  readonly sequential: boolean;
  /** It is taken where there is calibration, and done without where there is none. */
  readonly optional?: boolean;
}

/** Layer by layer, at once or in the order in which values flow. */
export interface EncodeWork {
  readonly kind: 'encode';
  readonly layers: readonly EncodedPlace[];
  readonly look?: InputLook;
  /** Weights are scaled before they are encoded, and other tensors undo it. */
  readonly rescaling?: Rescaling;
  /** Random numbers decide its result: then the seed belongs to what it looks at. */
  readonly draws?: boolean;
  /** For choices made over all layers together (a global threshold): called once before the first. */
  prepare(weights: Weights, context: MethodContext): Promise<EncodeLayer>;
}

export interface EncodedPlace {
  readonly layer: Layer;
  readonly encoded: Encoded;
  /** Which bytes the encoded values are in the planned graph. */
  readonly slot: Slot;
  /**
   * Output of the layer whose encoded values this one reads, too: a look-up of the table that a product is chosen for. That
   * layer stands before it, and both are encoded before what lies between them runs.
   */
  readonly valuesOf?: string;
}

/** Named tensors at once: coupled weights, cuts, folds. */
export interface FillWork {
  readonly kind: 'fill';
  /** What to look at in the ground's model first. */
  readonly look?: readonly Look[];
  fill(ground: Ground, seen: Seen, context: MethodContext): Promise<Fillings>;
}

/** Gradients: the engine trains what `setup` poses, and `finish` says which holes the result fills. */
export interface TrainWork {
  readonly kind: 'train';
  readonly settings: TrainingSettings;
  /** Set when the original writes what is learned from; the user's own text is then for looking at only. */
  readonly generate?: Generation;
  /**
   * Without `random` only shapes matter (a forecast): new weights are then planned. In a run the ground
   * has bytes, and new weights are drawn.
   */
  setup(ground: Ground, context: { readonly random?: Random }): Promise<TrainingSetup>;
}

export interface Refusal {
  readonly refused: string;
}

/** What a decision may ask. */
export interface Oracle<Options> {
  readonly signal?: AbortSignal;
  /** Fraction done, 0…1. */
  readonly progress: (fraction: number) => void;
  weight(layer: Layer): Promise<LayerWeight>;
  /** What the step would make of its ground with these options. */
  plan(options: Options): Promise<StepPlan>;
  /** Bytes of the whole file with these options, all other steps as they are. */
  fileBytes(options: Options): Promise<number>;
  /** What calibration shows of values of the ground. Throws `calibration-missing`. */
  seen(looks: readonly Look[]): Promise<Seen>;
  /**
   * What each ablation of the ground costs on calibration data, in their order. What is computed before an ablation's
   * first gate is computed once for all. `within`: which part of the whole decision this is, for progress, and how many
   * rows of answers are enough where fewer than usual are. Throws `calibration-missing`.
   */
  losses(
    ablations: readonly Ablation[],
    within?: { readonly from: number; readonly end: number; readonly rows?: number },
  ): Promise<readonly AblationLoss[]>;
  /** What the report says of this decision: what it rests on, and what was expected beside what came. */
  note(note: DecisionNote): void;
  /** The files beside the ground's model, as the steps before leave them. */
  files(): Promise<Companions>;
  /**
   * How often each of the ground's tokens occurs in the calibration data, of which all is counted. Throws
   * `calibration-missing`, `tokens-missing`.
   */
  tokenCounts(): Promise<TokenCounts>;
}

/** What a method that encodes one layer at a time consists of; `encoderMethod` makes a {@link Method} of it. */
export interface Encoder<Options = unknown> {
  /** The form a layer's weight takes, from shapes and options alone: no values. */
  form(layer: Layer, options: Options, model: Model): Encoded | Refusal;
  look?(options: Options): InputLook | undefined;
  /** How the layer's input is rounded before the product, as a plan knows it; absent: it stays as it is. */
  input?(options: Options): InputCode;
  readonly draws?: boolean;
  /** Where it looks at nothing, its values depend on the weight and the options alone: a tied weight then stays tied. */
  readonly shareable?: boolean;
  /** Where data decides its values: look-ups of a table that a product reads, too, read what the product gets. */
  ties?(options: Options): boolean;
  /** It takes look-ups, which multiply nothing that could be looked at, where a step is pointed at nothing else. */
  readonly takesLookUps?: boolean;
  /** It is for weights stored as codes: also those that an earlier step of the recipe encoded, at any width. */
  readonly decodes?: boolean;
  /** Codes that it wrote itself are cut to fewer bits as they are, so that no error is added to another. */
  readonly cutsOwn?: boolean;
  encode(
    weight: LayerWeight,
    planned: Encoded,
    seen: Seen,
    options: Options,
    context: MethodContext,
  ): Promise<LayerOutcome>;
  /** What `encode` gets for options, when it depends on all layers together. */
  prepare?(weights: Weights, options: Options, context: MethodContext): Promise<Options>;
}

/**
 * An algorithm. `plan` is cheap: it works from shapes, options and what has bytes, draws nothing and
 * trains nothing. Its options are what `meta.options.parse` gives; a method checks no types again.
 * Throws LatheErrors that say why the step cannot be; single layers are skipped with a reason instead.
 */
export interface Method<Options = unknown> {
  readonly meta: MethodMeta;
  plan(
    ground: Ground,
    targets: readonly Layer[],
    options: Options,
    context: PlanContext,
  ): Promise<StepPlan>;
  /**
   * Where data decides sizes: the answer becomes the step's options, and a recipe with it is planned, run, embedded
   * and shared without deciding again. Undefined where nothing is open.
   */
  decide?(
    ground: Ground,
    targets: readonly Layer[],
    options: Options,
    ask: Oracle<Options>,
  ): Promise<Options | undefined>;
  /** Where its options say ranges of inputs: what calibration would choose, unless that goes by more than a histogram. */
  automaticRange?(histogram: Histogram, options: Options): CoveredRange | undefined;
  /** Where layers have options of their own: those of one, which its baseline is run with. */
  layerOptions?(layer: Layer, options: Options): Readonly<Record<string, unknown>>;
  /** Set when it works layer by layer: previews and baselines then need no plan of a whole model. */
  readonly encoder?: Encoder<Options>;
}
