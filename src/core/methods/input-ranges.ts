import type { CoveredRange } from '../statistics/histogram/round-histogram.ts';

/** How a method says which ranges of the values between layers it covers: what is drawn in a picture becomes its options. */
export interface InputRanges<Options = Readonly<Record<string, unknown>>> {
  /** Values that a number can take. */
  readonly levels: number;
  /** [α, β] that the options name, by the name of the value. */
  of(options: Options): Readonly<Record<string, CoveredRange>>;
  /** What to set so that these are covered; values that are not among them are decided when it runs. */
  naming(ranges: Readonly<Record<string, CoveredRange>>): Readonly<Record<string, unknown>>;
}
