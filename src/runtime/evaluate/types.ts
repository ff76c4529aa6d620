import type { PositionLabels } from '../../core/data/position-labels.ts';
import type { TokenWindow } from '../../core/data/types.ts';
import type { Metric, Metrics } from '../../core/metrics/types.ts';
import type { Answers, EachMeasured } from '../../core/report/types.ts';
import type { Session } from '../types.ts';
import type { Feeds } from '../values.ts';

/** Scores [rows, classes]. */
export interface Logits {
  readonly values: Float32Array;
  readonly rows: number;
  readonly classes: number;
}

/** One model under comparison. */
export interface Contender {
  readonly session: Session;
  /** Outputs whose scores are measured; the score output alone unless stated, all of its kind for `exits`. */
  readonly outputs?: readonly string[];
  /**
   * The decoder of the same model that reads whole texts: it makes the first cache for one that takes one token
   * behind a cache, where that does not start from an empty one.
   */
  readonly primer?: Session;
  /** Where a model keeps only part of the data's vocabulary: the data's token, for each column of its scores. */
  readonly columns?: Int32Array;
}

/** Parts of an encoder-decoder beside the one in question. */
export interface Siblings<Part = Session> {
  readonly encoder?: Part;
  /** The decoder that reads an encoder's states, and the beginning of a target. */
  readonly decoder?: Part;
}

/** The two models under comparison. Without `original`, the model is measured on its own. */
export interface Contenders {
  readonly original?: Contender;
  readonly model: Contender;
  /** The other parts of an encoder-decoder, of which the contenders are one: the same for both. */
  readonly siblings?: Siblings;
}

/**
 * How a model is run to be measured. `windows`: each window or batch at once. `cached`: a decoder reads what is
 * context in a window at once and then token by token, its key/value cache fed back, as when it writes; what a
 * compressed cache costs shows only so. `exits`: every output of scores is a column of its own, side by side.
 */
export const PROTOCOLS = ['windows', 'cached', 'exits'] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/** Examples that run together. Every input's first dimension counts them. */
export interface ExampleBatch {
  readonly feeds: Feeds;
  /** What the model is fed in their place, where it reads the same texts with another tokenizer than the original. */
  readonly own?: Feeds;
  readonly count: number;
  /** Examples that run; more than `count` where a fixed batch size was filled up behind the real ones. */
  readonly size?: number;
  /** One class index per example. */
  readonly labels?: Int32Array;
  /** In place of these: a class per position of each example. */
  readonly positionLabels?: PositionLabels;
  /** 1 for real positions, 0 for padding, over [size·length]: which rows of an encoder count. */
  readonly mask?: Uint8Array;
}

export interface EvaluationOptions {
  /** `windows` unless stated. */
  readonly protocol?: Protocol;
  readonly signal?: AbortSignal;
  /** Fraction done, 0…1, and how many of how many. */
  readonly progress?: (fraction: number, detail?: string) => void;
  /** Is shown the scores of each window of tokens: the original's, the model's. Row t − 1 predicts token t. */
  readonly scored?: (original: Logits | undefined, model: Logits, window: TokenWindow) => void;
  /** Milliseconds; for tokens per second, and not to say too much. */
  readonly clock?: () => number;
  /** Told after the first few windows or examples what they come to, and again and again, ever more rarely. */
  readonly interim?: (soFar: SoFar) => void;
  /** Asked after each window or batch: whether that is enough, so that the rest is left out. */
  readonly enough?: () => boolean;
}

/** The main metrics of the first `done` of `of` windows or examples. */
export interface SoFar {
  readonly done: number;
  readonly of: number;
  readonly original: Metrics;
  readonly compressed: Metrics;
  readonly difference: Metrics;
}

/** Error of one output over all examples. */
export interface OutputError {
  readonly name: string;
  readonly relativeError: Metric;
  /** dB. */
  readonly sqnr: Metric;
}

/** One output of scores, against the answer of the original. */
export interface Exit {
  readonly output: string;
  readonly compressed: Metrics;
  readonly difference: Metrics;
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
  /** Windows or examples that were measured, where somebody had seen enough before the last. */
  readonly stopped?: { readonly done: number; readonly of: number };
  /** Tokens (examples, where there are no tokens) that went through each model, per second of everything. */
  readonly tokensPerSecond: number;
  /** Indices of the examples whose class the model changed (classifiers). */
  readonly flipped?: readonly number[];
  /** What each window or example came to; absent where there are too many, or a metric is no mean over them. */
  readonly each?: EachMeasured;
  /** The classes of a classifier, example by example. */
  readonly answers?: Answers;
  /** Error per output (models of unknown task). */
  readonly outputs?: readonly OutputError[];
  /** The first score of every window is left out: another decoder made the cache that the model starts from. */
  readonly primed?: true;
  /** Each output of scores (protocol `exits`). */
  readonly exits?: readonly Exit[];
}
