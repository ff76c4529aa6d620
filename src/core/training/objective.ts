import type { Direction } from './losses/divergence.ts';

/** What is minimised: a weighted sum of these. */
export type ObjectiveTerm =
  /** Cross-entropy with the data's own labels (the next token, the class). */
  | { readonly kind: 'labels'; readonly weight: number }
  /** Divergence from the teacher's distribution. */
  | {
      readonly kind: 'logits';
      readonly weight: number;
      readonly temperature: number;
      readonly direction: Direction;
    }
  /** Distance between values inside student and teacher, pair by pair. */
  | {
      readonly kind: 'hidden';
      readonly weight: number;
      readonly distance: 'mse' | 'cosine';
      readonly pairs: readonly ValuePair[];
    }
  /** Divergence of attention maps, the mean over pairs of blocks with as many heads. */
  | { readonly kind: 'attention'; readonly weight: number; readonly pairs: readonly BlockPair[] }
  /** Divergence of the relations of queries, keys and values, the mean over the three and over pairs. */
  | { readonly kind: 'relations'; readonly weight: number; readonly pairs: readonly BlockPair[] };

/** A value of the student and the teacher's value it should be like. */
export interface ValuePair {
  readonly student: string;
  readonly teacher: string;
  /** Trained matrix of the student [student width, teacher width] between the two, when widths differ. */
  readonly projection?: string;
}

/** Where a block lies in a model. */
export interface BlockPlace {
  /** Its number, for sentences. */
  readonly index: number;
  /** The residual stream at its exit. */
  readonly output: string;
  /** The stream at the entries and exits of all blocks: what lies before another one is no part of this one. */
  readonly stream: readonly string[];
}

/** A block of the student and the teacher's block it should work like. */
export interface BlockPair {
  readonly student: BlockPlace;
  readonly teacher: BlockPlace;
}

export type Objective = readonly ObjectiveTerm[];

/** The plain one: learn the data. */
export const LABELS_ONLY: Objective = [{ kind: 'labels', weight: 1 }];
