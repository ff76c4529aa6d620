/**
 * What the page may ask of the worker threads. Everything here is structured-cloneable; the page
 * imports these types and nothing else from `workers/`.
 */
import type { Anatomy } from '../src/core/anatomy/types.ts';
import type { CacheChange } from '../src/core/cache/model-ports.ts';
import type { ModelPart } from '../src/core/companions/parts.ts';
import type { PlanProblem } from '../src/core/recipe/plan-types.ts';
import type { Recipe } from '../src/core/recipe/types.ts';
import type { Metrics } from '../src/core/metrics/types.ts';
import type { OrderFinding, OrderLosses, OrderRun } from '../src/core/report/order.ts';
import type { BuildReport, Coverage, ErrorKind } from '../src/core/report/types.ts';
import type { Task } from '../src/engine/model/tasks/types.ts';
import type { TrainingForecast } from '../src/engine/training/forecast.ts';
import type { PartLine, Trial, TrialChange, TrialState } from '../src/engine/trials/types.ts';
import type { DroppedTokens } from '../src/engine/vocabulary/dropped.ts';
import type { BlockDistances } from '../src/engine/structure/block-distances.ts';
import type { InputProfile, ProfileQuestion } from '../src/engine/structure/input-profile.ts';
import type { PartKind, PartLoss } from '../src/engine/structure/part-losses.ts';
import type { Provenance } from './engine/returned-types.ts';
import type {
  Classification,
  Continuation,
  Example,
  ReadQuestion,
  Reading,
  Tagging,
  TryData,
} from './job/try-types.ts';
import type { TrainingPoint, TrainingStart } from './training-progress.ts';
import type {
  ClipCurve,
  ClipRequest,
  Preview,
  PreviewRequest,
  Spectrum,
} from './preview/picture.ts';

export type * from './preview/picture.ts';
export type { TrainingPoint, HeldOutLoss, TrainingStart } from './training-progress.ts';
export type {
  Classification,
  Continuation,
  DocumentLine,
  Example,
  Expectation,
  Likely,
  ReadQuestion,
  ReadToken,
  Reading,
  Tag,
  Tagging,
  TokenStep,
  TryData,
} from './job/try-types.ts';
export type { BlockDistances, DroppedTokens, InputProfile, PartKind, PartLoss, Provenance };
export type { ModelPart, PartLine, Task, TrainingForecast, Trial, TrialChange, TrialState };

export interface FolderFile {
  readonly path: string;
  readonly blob: Blob;
  /** Bytes of the file that this is the beginning of: data is taken up to a limit. */
  readonly of?: number;
}

/** A model with its company, in Hugging Face layout: `model.onnx`, `config.json`, `tokenizer.json`, data. */
export interface ModelFolder {
  /** For people, and part of file names: "stories", "gpt2". */
  readonly name: string;
  /** `sample:stories`, `hf:org/repo@rev/path`, a URL, or `file`. Goes into share links. */
  readonly origin: string;
  readonly files: readonly FolderFile[];
  /** Path of the part to open, where several are there; else the engine chooses. */
  readonly model?: string;
  /** What the model is for, where that was said rather than told from it. */
  readonly task?: Task;
}

/** One `.onnx` file of the open folder, with the bytes of its external data. */
export interface PartView extends ModelPart {
  readonly bytes: number;
}

export interface TensorView {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: string;
  readonly bytes: number;
  /** The layer that uses it, if any (index into anatomy.layers). */
  readonly layer?: number;
}

export interface ModelView {
  readonly name: string;
  readonly origin: string;
  /** The file that is open, and all the folder has. */
  readonly part: ModelPart;
  readonly parts: readonly PartView[];
  readonly sha256: string;
  readonly bytes: number;
  readonly parameters: number;
  readonly bitsPerWeight: number;
  readonly bytesByType: Readonly<Record<string, number>>;
  readonly nodes: number;
  readonly opset: number;
  readonly anatomy: Anatomy;
  readonly tensors: readonly TensorView[];
  /** What each layer of `anatomy.layers` takes, scales included; a weight that several share counts for the first. */
  readonly layerBytes: readonly number[];
  /** What can be measured: a language model with tokenizer, a classifier with labels, or only fidelity. */
  readonly task: Task;
  /** What told it, without full stop. */
  readonly taskReason: string;
  /** What it could be asked to serve as instead, itself among them. */
  readonly tasks: readonly Task[];
  readonly labels?: readonly string[];
  readonly hasTokenizer: boolean;
  readonly data: { readonly calibration?: DataSummary; readonly evaluation?: DataSummary };
  /** Present when the file was made by Lathe: the recipe it carries. */
  readonly recipe?: Recipe;
  /** And what it says about itself. */
  readonly report?: BuildReport;
  readonly warnings: readonly string[];
}

/** What shapes alone say of a model: there long before its bytes are read and hashed. */
export type Glance = Pick<ModelView, 'name' | 'bytes' | 'anatomy' | 'tensors' | 'layerBytes'>;

export interface DataSummary {
  readonly name: string;
  readonly bytes: number;
  /** Plain sentence: "214 stories, 41 200 tokens". */
  readonly summary: string;
  /** Why this model cannot use it, if so. */
  readonly problem?: string;
  /** It is there, and what is in it is not known yet: {@link DataWorker} reads it. */
  readonly reading?: true;
}

export type DataPurpose = 'calibration' | 'evaluation';

/** The data worker: reads what came as data on a thread that can be ended, so that nothing else waits for it. */
export interface DataWorker {
  /** `known`: what the engine found when it opened the same model. */
  open(folder: ModelFolder, known: { readonly sha256: string }): Promise<void>;
  /** Rejects with what is wrong with the data. `onProgress` is told fractions, 0…1. */
  summary(
    purpose: DataPurpose,
    onProgress: (fraction: number) => void,
  ): Promise<DataSummary | undefined>;
}

/** Blocks and widths of a model; sizes that were not recognised are absent. */
export interface Structure {
  readonly blocks: readonly {
    readonly stack: 'encoder' | 'decoder';
    /** 0 in a block without attention. */
    readonly heads: number | undefined;
    readonly keyValueHeads: number | undefined;
    readonly feedForwardWidth: number | undefined;
    /** Names of its layers, by which it is known again. */
    readonly layers: readonly string[];
  }[];
  readonly hiddenSize: number | undefined;
  readonly vocabularySize: number | undefined;
}

/** Exact sizes of a recipe, before anything runs. */
export interface Forecast {
  readonly bytes: number;
  /** Data still decides sizes: `bytes` is the most the file may take, not what it will take. */
  readonly atMost: boolean;
  readonly bitsPerWeight: number;
  /** Bytes of the key/value cache for each token of a text, where the recipe changes them. */
  readonly cache?: CacheChange;
  readonly layers: readonly {
    readonly name: string;
    readonly bytesBefore: number;
    readonly bytesAfter: number;
    /** Set when this layer is left alone although targeted. */
    readonly reason?: string;
  }[];
  /** What the model will consist of. */
  readonly structure: Structure;
  /** What no step touches, with the reason. */
  readonly skipped: Coverage['skipped'];
  /** Bytes of memory a run needs at its peak, estimated from shapes. */
  readonly peakMemory: number;
  /** A step trains: {@link EngineWorker.trainingForecast} knows more. */
  readonly trains: boolean;
  /** Sentences to read before running: what the recipe does that one may not expect. */
  readonly warnings: readonly string[];
  /** Sentences that stop the recipe from running (wrong options …), with the path of the culprit. */
  readonly problems: readonly PlanProblem[];
}

export interface JobProgress {
  /** Plain words: "Collecting statistics", "GPTQ", "Measuring the compressed model". */
  readonly stage: string;
  readonly detail?: string;
  /** 0…1 over the whole job, never decreasing. */
  readonly fraction: number;
  readonly secondsLeft?: number;
  /** A layer that was just finished. */
  readonly layer?: {
    readonly name: string;
    readonly relativeError: number;
    readonly baselineRelativeError?: number;
    /** Whether the errors are of the layer's output on calibration data, or of its weight. */
    readonly errorKind: ErrorKind;
  };
  readonly trainingStart?: TrainingStart;
  readonly training?: TrainingPoint;
  /** Something happened that does not stop the run: a lost device. */
  readonly notice?: string;
  /** What measuring came to so far. */
  readonly interim?: Interim;
  /** The trial, measured and kept, while checks that need no waiting go on; `run` answers with the finished one. */
  readonly trial?: Trial;
}

/** A measurement that is going on: of the first `done` of `of` windows or examples. */
export interface Interim {
  readonly bytes: number;
  readonly done: number;
  readonly of: number;
  readonly original: Metrics;
  readonly compressed: Metrics;
  readonly difference: Metrics;
}

/** Stands for the open model itself where a trial's id is asked for. */
export const ORIGINAL = 'original';

const ADAPTER_OFF = '~adapter-off';

/** Stands for a trial whose kept adapter adds nothing, where a trial's id is asked for. */
export function adapterOff(trialId: string): string {
  return trialId + ADAPTER_OFF;
}

/** The trial behind an id, and whether its adapter is off. */
export function readSide(id: string): { readonly trial: string; readonly off: boolean } {
  const off = id.endsWith(ADAPTER_OFF);
  return { trial: off ? id.slice(0, -ADAPTER_OFF.length) : id, off };
}

/** What is wanted of the device: the best there is; the same bytes everywhere; WebGPU even in software. */
export const DEVICE_WISHES = ['auto', 'wasm', 'webgpu'] as const;
export type DeviceWish = (typeof DEVICE_WISHES)[number];

export interface Capabilities {
  readonly device: 'wasm' | 'webgpu';
  readonly threads: number;
  readonly reason: string;
  readonly crossOriginIsolated: boolean;
  readonly webgpu: {
    readonly available: boolean;
    readonly adapter?: string;
    /** Shaders run on the CPU: never chosen by itself. */
    readonly software?: boolean;
    readonly maxBufferBytes?: number;
    readonly float16?: boolean;
  };
  readonly storage?: { readonly usedBytes: number; readonly quotaBytes: number };
}

/** What is kept beside trials, by what it is good for. */
export type StoredKind = 'stages' | 'training' | 'work' | 'samples' | 'app' | 'other';

/** What this browser keeps of Lathe. */
export interface StorageView {
  /** Bytes of each trial, by its id. */
  readonly trials: Readonly<Record<string, number>>;
  /** Folders of trials that cannot be read. */
  readonly lost: readonly string[];
  readonly others: readonly { readonly kind: StoredKind; readonly bytes: number }[];
  /** Nothing is written to disk: all of it goes with the tab. */
  readonly forgets: boolean;
}

/** How far a look at the model's structure is, and what it found since it last said so. */
export interface PartProgress {
  /** 0…1. */
  readonly fraction: number;
  readonly detail?: string;
  readonly found: readonly PartLoss[];
}

/** As much of the calibration data as the recipe on the bench takes. */
export interface Amount {
  readonly samples: number;
  readonly length: number;
  readonly seed: number;
}

/** Which layer's inputs, how much of the calibration data, and the step that is looked at with them. */
export interface InputQuestion extends ProfileQuestion {
  readonly amount?: Amount;
  /** In whose file it is looked at, too. */
  readonly trial?: string;
}

/** What two steps do to each other: one after the other, the other way round, and each alone. */
export interface OrderView {
  readonly runs: readonly {
    readonly run: OrderRun;
    /** The kept trial, where there is one. */
    readonly trial?: string;
    readonly bytes?: number;
    /** Why it cannot be run this way round. */
    readonly refused?: string;
  }[];
  /** By measure, the one that decides first. */
  readonly losses: readonly OrderLosses[];
  readonly finding?: OrderFinding;
}

/** How a recipe is run, beside the recipe itself. */
export interface RunWishes {
  /** Paths of the parts it is run on; the open one alone unless there are several. */
  readonly parts?: readonly string[];
  /** Runs and measures again what was finished before, in place of answering with the trial that is kept. */
  readonly again?: boolean;
}

/** The engine worker: holds the open model, forecasts, runs jobs one at a time, keeps trials. */
export interface EngineWorker {
  capabilities(): Promise<Capabilities>;
  /** Holds for everything that starts from now on; a run that is going on ends as it began. */
  useDevice(wish: DeviceWish): Promise<void>;
  open(folder: ModelFolder): Promise<ModelView>;
  /** The files of a `.zip` that holds a model; nothing of any other. */
  unpack(zip: Blob, name: string): Promise<ModelFolder['files'] | undefined>;
  /** What a folder's model says about where it came from; nothing of one that was not made by Lathe. Opens nothing. */
  provenance(folder: ModelFolder): Promise<Provenance | undefined>;
  /** Keeps a file made by Lathe as a trial of the model it was made from; as a trial that is known, where one is given. */
  adopt(
    folder: ModelFolder,
    original: string,
    known?: Pick<Trial, 'id' | 'report'>,
  ): Promise<Trial>;
  forecast(recipe: Recipe): Promise<Forecast>;
  /** What trainings take and what stands in their way: slower than the forecast, asked when options rest. */
  trainingForecast(recipe: Recipe): Promise<TrainingForecast>;
  /**
   * Runs to the end or until `cancel`. Rejects with StudioError (code 'cancelled' when cancelled). Over several
   * parts the trial of the open one comes back, else the first that was made.
   */
  run(
    recipe: Recipe,
    onProgress: (progress: JobProgress) => void,
    wishes?: RunWishes,
  ): Promise<Trial>;
  /**
   * Runs the two steps of a recipe both ways round and each alone, as `run` does one recipe; what was run before is
   * taken as it is kept.
   */
  compareOrders(recipe: Recipe, onProgress: (progress: JobProgress) => void): Promise<OrderView>;
  /** A training waits after its current step until `resume` or `cancel`; all else goes on. */
  pause(): void;
  resume(): void;
  /** Measuring ends with what it has: the report says how many of how many. */
  enough(): void;
  /** Sets the cooperative flag; what has not stopped within so many milliseconds is ended. */
  cancel(within: number): void;
  trials(): Promise<readonly Trial[]>;
  updateTrial(
    id: string,
    change: { name?: string; pinned?: boolean; notes?: string },
  ): Promise<Trial>;
  deleteTrials(ids: readonly string[]): Promise<void>;
  storage(): Promise<StorageView>;
  /** Frees what is kept of a kind; what a run needs is not taken from under it. */
  clearStorage(kind: StoredKind): Promise<void>;
  /** The compressed file of a finished trial. */
  file(trialId: string): Promise<Blob>;
  /** All files of a finished trial, where its model has more than one: nothing of the open model is needed. */
  files(trialId: string): Promise<readonly { path: string; blob: Blob }[]>;
  /** Files for a zip that transformers.js loads: onnx/model_q4.onnx, config.json, tokenizer.json, README. */
  bundle(trialId: string): Promise<readonly { path: string; blob: Blob }[]>;
  /** The left model is the original unless another trial is named; either may be {@link ORIGINAL}. */
  continueText(
    trialId: string,
    prompt: string,
    tokens: number,
    leftId?: string,
  ): Promise<Continuation>;
  /** What there is to try the models on; undefined without evaluation data. */
  tryData(): Promise<TryData | undefined>;
  /**
   * Hash of the evaluation data as it is measured: what a report of other data says of example 7 is about another
   * one. Takes a while where there are many texts.
   */
  dataHash(): Promise<string | undefined>;
  /** Both models read the same text. */
  readText(trialId: string, question: ReadQuestion, leftId?: string): Promise<Reading>;
  /** Examples of the evaluation data, by their places in it. */
  examples(indices: readonly number[]): Promise<readonly Example[]>;
  classify(trialId: string, example: number, leftId?: string): Promise<Classification>;
  classifyText(trialId: string, text: string, leftId?: string): Promise<Classification>;
  /** Each token's class by both models. */
  tagText(trialId: string, text: string, leftId?: string): Promise<Tagging>;
  /** What the open model loses on calibration data without each of its heads or blocks, block by block. */
  partLosses(
    kind: PartKind,
    amount: Amount | undefined,
    onProgress: (progress: PartProgress) => void,
  ): Promise<readonly PartLoss[]>;
  /** How far the residual stream turns from block to block. */
  blockDistances(amount: Amount | undefined): Promise<readonly BlockDistances[]>;
  /** What a recipe takes out of the open model's vocabulary; undefined where nothing is, or it is still to be decided. */
  droppedTokens(recipe: Recipe): Promise<DroppedTokens | undefined>;
  /** What a layer reads on calibration data, and what a step would make of it. */
  inputProfile(
    question: InputQuestion,
    onProgress: (fraction: number) => void,
  ): Promise<InputProfile>;
  /** Ends looking at inputs, and forgets what was seen of them. */
  stopInputs(): void;
  /** Ends all three; what was found so far was told. */
  stopLooking(): void;
}

/** The preview worker: its own thread, so that pictures stay instant while a job runs. */
export interface PreviewWorker {
  /** Looks at a model that need not be the open one. */
  glance(folder: ModelFolder): Promise<Glance>;
  open(folder: ModelFolder): Promise<void>;
  preview(request: PreviewRequest): Promise<Preview | undefined>;
  /** Takes seconds where a weight is large: asked when somebody wants to see it. */
  spectrum(request: Omit<PreviewRequest, 'sequence'>): Promise<Spectrum>;
  /** Undefined where the weight gets no grid of few values. */
  clipCurve(request: ClipRequest): Promise<ClipCurve | undefined>;
}

export type { OfflineAnswer, OfflineQuestion } from './offline/protocol.ts';
export type { StudioError } from './studio-error.ts';
