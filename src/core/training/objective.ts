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
    };

/** A value of the student and the teacher's value it should be like. */
export interface ValuePair {
  readonly student: string;
  readonly teacher: string;
  /** Trained matrix of the student [student width, teacher width] between the two, when widths differ. */
  readonly projection?: string;
}

export type Objective = readonly ObjectiveTerm[];

/** The plain one: learn the data. */
export const LABELS_ONLY: Objective = [{ kind: 'labels', weight: 1 }];
