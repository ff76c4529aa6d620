import type { ColumnRange } from './column-range/column-range.ts';
import type { CosineWith } from './cosine-with/cosine-with.ts';
import type { CrossMoments } from './cross-moments-with/cross-moments-with.ts';
import type { GradientSums } from './gradient/gradient.ts';
import type { WeightGradientSums } from './gradient/weight-gradient.ts';
import type { Histogram } from './histogram/histogram.ts';
import type { Maxima } from './maxima/maxima.ts';
import type { Means } from './mean/mean.ts';
import type { Moments } from './moments/moments.ts';
import type { Norms } from './norms/norms.ts';
import type { ValueRange } from './range/range.ts';

/** What each look at one value gives. */
interface SingleResults {
  readonly moments: Moments;
  readonly norms: Norms;
  readonly maxima: Maxima;
  readonly mean: Means;
  readonly range: ValueRange;
  readonly 'column range': ColumnRange;
  readonly 'moving range': ValueRange;
  readonly histogram: Histogram;
  readonly gradient: GradientSums;
  /** Of a layer: looked at with `rowsOf`. */
  readonly 'weight gradient': WeightGradientSums;
}

/** A look at one value alone. */
export type SingleTake = keyof SingleResults;

/** Looks at what flows backward from the loss of the data's labels. */
export type GradientTake = 'gradient' | 'weight gradient';

/** Whether a take needs gradients. */
export function isGradientTake(take: Take): take is GradientTake {
  return take === 'gradient' || take === 'weight gradient';
}

/**
 * The other value of a look at two: another value of the same graph, or the same rows as the model
 * before the step computes them (its float path; only a sequential walk has both at once).
 */
export type Partner = { readonly value: string } | 'float path';

/** A look at two values whose rows go in step. */
export type PairTake =
  | { readonly kind: 'cosine with'; readonly other: Partner }
  | { readonly kind: 'cross moments with'; readonly other: Partner };

/** What can be seen of a value while data flows: one folder per kind. */
export type Take = SingleTake | PairTake;

/** What a take gives when it is collected. */
export type ResultOf<T extends Take> = T extends SingleTake
  ? SingleResults[T]
  : T extends { readonly kind: 'cosine with' }
    ? CosineWith
    : T extends { readonly kind: 'cross moments with' }
      ? CrossMoments
      : never;

/** A name for a take: equal takes have equal names. */
export function takeKey(take: Take): string {
  if (typeof take === 'string') return take;
  const { kind, other } = take;
  return other === 'float path' ? `${kind} float path` : `${kind} value ${other.value}`;
}
