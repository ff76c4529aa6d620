/** What is asked of two models side by side, and what comes back. */
import type { Metric } from '../../src/core/metrics/types.ts';

export interface TokenStep {
  readonly id: number;
  readonly text: string;
  /** Probability this model gave to the token it chose. */
  readonly probability: number;
  /** Probability that the other model gave it behind the same text. */
  readonly otherwise?: number;
  /** KL(left ‖ right) at this position in nats, when both were run on this context. */
  readonly kl?: number;
}

export interface Continuation {
  readonly prompt: readonly { readonly id: number; readonly text: string }[];
  /** Greedy (or seeded) continuation by the left model (the original, unless said otherwise), and by the right one. */
  readonly original: readonly TokenStep[];
  readonly compressed: readonly TokenStep[];
}

export interface Classification {
  readonly labels: readonly string[];
  readonly original: readonly number[];
  readonly compressed: readonly number[];
  readonly expected?: number;
}

export interface Example {
  readonly index: number;
  readonly label?: string;
  /** Greyscale or RGB picture of an image input, for display. */
  readonly image?: {
    readonly width: number;
    readonly height: number;
    readonly rgba: Uint8ClampedArray;
  };
  readonly text?: string;
}

/** One piece of the evaluation data, as long as the evaluation's own windows. */
export interface DocumentLine {
  /** How it begins. */
  readonly beginning: string;
  readonly tokens: number;
}

/** The evaluation data that the models can be tried on. */
export interface TryData {
  readonly name: string;
  /** Windows or examples. */
  readonly count: number;
  /** Of models that read texts token by token, in the order of the data. */
  readonly documents?: readonly DocumentLine[];
}

/** A text that both models read: a document of the evaluation data, or one that was typed in. */
export type ReadQuestion = (
  { readonly document: number; readonly text?: never } | { readonly text: string }
) & {
  /** Token by token with the cache filled, as a trial that touches the cache is measured. */
  readonly cached?: boolean;
};

export interface Likely {
  readonly id: number;
  readonly text: string;
  readonly probability: number;
}

/** What a model expected where a token stands. */
export interface Expectation {
  /** Probability of the token that does stand there. */
  readonly probability: number;
  /** The likeliest tokens, most likely first. */
  readonly top: readonly Likely[];
}

export interface ReadToken {
  readonly id: number;
  readonly text: string;
  /** Absent where a token is context only. */
  readonly predicted?: {
    /** KL(left ‖ right) in nats. */
    readonly kl: number;
    readonly left: Expectation;
    readonly right: Expectation;
  };
}

/** A text read by both models: what they expect next is compared at each token, behind the text as it is. */
export interface Reading {
  readonly tokens: readonly ReadToken[];
  /** What an encoder-decoder was given to make the text of. */
  readonly source?: string;
  /** Mean over the tokens of this text, errors by token. */
  readonly kl: Metric;
  readonly sameTop1: Metric;
  /** The text goes on, but the evaluation reads no further than this. */
  readonly cut: boolean;
}

export interface Tag {
  readonly label: string;
  readonly probability: number;
}

/** A text with the class that both models give each of its tokens. */
export interface Tagging {
  readonly tokens: readonly { readonly text: string; readonly left: Tag; readonly right: Tag }[];
  /** Labels say where spans begin and end: "B-PER", "I-PER", "O". */
  readonly spans: boolean;
  readonly cut: boolean;
}
