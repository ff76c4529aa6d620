import type { MetricName, Metrics } from '../metrics/types.ts';
import type { CacheChange } from '../cache/model-ports.ts';
import type { DecisionNote } from '../methods/decision-note.ts';
import type { Recipe } from '../recipe/types.ts';
import type { Kernels } from './kernels.ts';
import type { TrainingRecord } from './training.ts';

/** Why a report has no measured numbers where nobody wanted any. */
export const FILE_ONLY = 'you asked for the file only';

/** What errors are over: the layer's output on calibration rows, or the weight alone. */
export const ERROR_KINDS = ['output', 'weight'] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** One layer's line in a report. Errors are ‖(W−Ŵ)Xᵀ‖²/‖WXᵀ‖² with statistics, else ‖W−Ŵ‖²/‖W‖². */
export interface LayerReport {
  readonly name: string;
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly relativeError: number;
  readonly baselineRelativeError?: number;
  readonly errorKind: ErrorKind;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly warnings?: readonly string[];
}

export interface Coverage {
  readonly compressedBytes: number;
  readonly totalBytes: number;
  /** What no step touched, with the reason; `bytes` where it is a stored weight, each byte once. */
  readonly skipped: readonly {
    readonly name: string;
    readonly reason: string;
    readonly bytes?: number;
  }[];
}

export interface ModelSize {
  /** Bytes of the file(s). */
  readonly bytes: number;
  readonly parameters: number;
  /** 8 · weight bytes (scales, zero points, padding included) / parameters. */
  readonly bitsPerWeight: number;
}

/** What is known once the file is written; it travels inside the file (`metadata_props`). */
export interface BuildReport {
  readonly version: 1;
  readonly tool: string;
  readonly inputSha256: string;
  readonly calibrationSha256?: string;
  readonly recipe: Recipe;
  readonly before: ModelSize;
  readonly after: ModelSize;
  readonly coverage: Coverage;
  readonly layers: readonly LayerReport[];
}

/** What a step's decision rests on; a recipe that came closed has none. */
export interface Decision extends DecisionNote {
  /** Index into `recipe.steps`. */
  readonly step: number;
  readonly method: string;
}

/** Where onnxruntime computes. */
export const DEVICES = ['wasm', 'webgpu', 'node'] as const;

/** Where a run computed, and why there. */
export interface ReportDevice {
  /** Devices that the bytes follow from, in the order they came; none where no step ran the model. */
  readonly bytes: readonly (typeof DEVICES)[number][];
  /** Where the written file was measured; absent where it was not. */
  readonly measured?: (typeof DEVICES)[number];
  /** Of a graphics device. */
  readonly adapter?: string;
  /** One sentence: why the run began on the device it began on. */
  readonly reason?: string;
}

export interface Latency {
  readonly median: number;
  readonly p90: number;
  readonly n: number;
}

/** The original beside the compressed model, runs taking turns. */
export interface LatencyPair {
  readonly original: Latency;
  readonly compressed: Latency;
}

/** The same at a stated number of tokens in one input. */
export interface LatencyAt extends LatencyPair {
  readonly tokens: number;
}

/** One run of the evaluation's first window or example; of models that read tokens, a short and a long input too. */
export interface DeviceLatency extends LatencyPair {
  /** Of the processor, where it computed; absent in older reports. */
  readonly threads?: number;
  readonly short?: LatencyAt;
  readonly long?: LatencyAt;
}

/** What each window or example came to, in the order of the data: two trials on the same data are compared by it, paired. */
export interface EachMeasured {
  /** The metric these make up: `perplexity` (mean loss in nats), `accuracy` (0 or 1), … */
  readonly metric: MetricName;
  /** Labels counted in each window; absent where each counts once. */
  readonly counts?: readonly number[];
  readonly original?: readonly number[];
  readonly compressed: readonly number[];
}

/** The class that was chosen for each example, in the order of the data. */
export interface Answers {
  readonly expected?: readonly number[];
  readonly original: readonly number[];
  readonly compressed: readonly number[];
}

/** Measured on the written file; kept beside it, because it cannot be inside the bytes it measures. */
export interface Report extends BuildReport {
  readonly outputSha256: string;
  readonly forecastBytes: number;
  /** The file as gzip packs it for a download, of weights that were set to zero and are stored dense. */
  readonly zippedBytes?: number;
  /** Bytes of the key/value cache for each token of a text, where a recipe changes them. */
  readonly cache?: CacheChange;
  /** As many bytes as forecast, re-opened in a fresh session and run. */
  readonly verified: boolean;
  /** 'quality' on real data, 'fidelity' on synthetic inputs. */
  readonly scores: 'quality' | 'fidelity';
  readonly evaluation?: {
    readonly data: string;
    readonly sha256: string;
    /** Plain sentence: windows, length, stride. */
    readonly protocol: string;
    readonly original: Metrics;
    readonly compressed: Metrics;
    /** compressed − original, paired by window or example. */
    readonly difference: Metrics;
    /** Windows or examples measured, where somebody had seen enough before the last. */
    readonly stopped?: { readonly done: number; readonly of: number };
    /** Absent in older reports, and where there are more than a report should hold. */
    readonly each?: EachMeasured;
    /** Of classifiers; absent as `each` is. */
    readonly answers?: Answers;
  };
  /** Absent in reports from before there was a choice: WebAssembly, or what `latency` names. */
  readonly device?: ReportDevice;
  /** Why `evaluation`, or where that is there `latency`, is missing: the file is finished all the same. */
  readonly notMeasured?: string;
  /** Milliseconds per run of one evaluation window, by device; empty where it was not measured. */
  readonly latency: Readonly<Record<string, DeviceLatency>>;
  /** What computed the linear layers, by device; absent in older reports, and where nothing ran. */
  readonly kernels?: Readonly<Record<string, Kernels>>;
  /** One record per training step, when there were any. */
  readonly training?: readonly TrainingRecord[];
  /** Sentences a reader of the numbers should know ("calibration and evaluation share …"). */
  readonly decisions?: readonly Decision[];
  readonly warnings?: readonly string[];
  readonly parity?: {
    readonly wasm: boolean;
    /** null: not checked, `reason` says why. */
    readonly webgpu: boolean | null;
    readonly maxAbsDiff: number | null;
    readonly firstDivergingNode?: string;
    /** Why parity was not checked, when it was not. */
    readonly reason?: string;
  };
}
