import { createColumnRange } from './column-range/column-range.ts';
import { createCosineWith } from './cosine-with/cosine-with.ts';
import { createCrossMomentsWith } from './cross-moments-with/cross-moments-with.ts';
import { createHistogram } from './histogram/histogram.ts';
import { createMaxima } from './maxima/maxima.ts';
import { createMean } from './mean/mean.ts';
import { createMoments } from './moments/moments.ts';
import { createMovingRange } from './moving-range/moving-range.ts';
import { createNorms } from './norms/norms.ts';
import { createRange } from './range/range.ts';
import type { PairAccumulator, TakeAccumulator } from './take-accumulator.ts';
import type { GradientTake, PairTake, SingleTake } from './take.ts';

/** The accumulator of each take of one value. Gradients have none: see gradient/. */
const SINGLES: {
  readonly [T in Exclude<SingleTake, GradientTake>]: (columns: number) => TakeAccumulator<unknown>;
} = {
  moments: createMoments,
  norms: createNorms,
  maxima: createMaxima,
  mean: createMean,
  range: createRange,
  'column range': createColumnRange,
  'moving range': createMovingRange,
  histogram: createHistogram,
};

const PAIRS: {
  readonly [K in PairTake['kind']]: (
    columns: number,
    otherColumns: number,
  ) => PairAccumulator<unknown>;
} = {
  'cosine with': createCosineWith,
  'cross moments with': createCrossMomentsWith,
};

/** The accumulator of a take of one value of so many columns. */
export function createTake(
  take: Exclude<SingleTake, GradientTake>,
  columns: number,
): TakeAccumulator<unknown> {
  return SINGLES[take](columns);
}

/** The accumulator of a take of two values of so many columns. */
export function createPairTake(
  { kind }: PairTake,
  columns: number,
  otherColumns: number,
): PairAccumulator<unknown> {
  return PAIRS[kind](columns, otherColumns);
}
