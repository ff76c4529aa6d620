import type { Metric, Metrics } from '../../core/metrics/types.ts';
import type { Session } from '../types.ts';
import type { Feeds } from '../values.ts';

/** The two models under comparison. Without `original`, the model is measured on its own. */
export interface Contenders {
  readonly original?: Session;
  readonly model: Session;
}

/** Examples that run together. Every input's first dimension counts them. */
export interface ExampleBatch {
  readonly feeds: Feeds;
  readonly count: number;
  /** Examples that run; more than `count` where a fixed batch size was filled up behind the real ones. */
  readonly size?: number;
  /** One class index per example. */
  readonly labels?: Int32Array;
  /** 1 for real positions, 0 for padding, over [size·length]: which rows of an encoder count. */
  readonly mask?: Uint8Array;
}

export interface EvaluationHooks {
  readonly signal?: AbortSignal;
  /** Fraction done, 0…1. */
  readonly progress?: (fraction: number) => void;
  /** Milliseconds; for tokens per second. */
  readonly clock?: () => number;
}

/** Error of one output over all examples. */
export interface OutputError {
  readonly name: string;
  readonly relativeError: Metric;
  /** dB. */
  readonly sqnr: Metric;
}

export interface Evaluation {
  /** Of the original alone (perplexity, accuracy); empty without an original. */
  readonly original: Metrics;
  /** Of the model, and of its distance from the original. */
  readonly compressed: Metrics;
  /** model − original, paired by window or example. */
  readonly difference: Metrics;
  /** Tokens scored, or examples. */
  readonly n: number;
  /** Windows or batches run. */
  readonly runs: number;
  /** Tokens (examples, where there are no tokens) that went through each model, per second of everything. */
  readonly tokensPerSecond: number;
  /** Indices of the examples whose class the model changed (classifiers). */
  readonly flipped?: readonly number[];
  /** Error per output (models of unknown task). */
  readonly outputs?: readonly OutputError[];
}
