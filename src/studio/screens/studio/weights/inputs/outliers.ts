import type { InputProfile } from '../../../../../../workers/protocol.ts';

/** A channel stands out when its largest number is so many times that of the median channel. */
export const OUTLIER = 6;

/** Largest magnitudes of channels, and what is said of them. */
export interface Outliers {
  readonly values: Float64Array;
  readonly median: number;
  readonly largest: number;
  /** Channels beyond {@link OUTLIER} times the median. */
  readonly beyond: readonly number[];
}

export function outliersOf(values: ArrayLike<number>): Outliers {
  const own = Float64Array.from(values);
  const sorted = own.toSorted();
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const beyond = [...own.keys()].filter((j) => median > 0 && own[j] > OUTLIER * median);
  return { values: own, median, largest: sorted[sorted.length - 1] ?? 0, beyond };
}

type Profiled = Pick<InputProfile, 'maxima' | 'divided' | 'measured'>;

/**
 * The channels before, and after: as they are in the file of the recipe on the bench once that ran, till then divided by
 * what its step would fold into what stands before the layer.
 */
export function profiles({ maxima, divided, measured }: Profiled) {
  const before = outliersOf(maxima);
  if (measured) return { before, after: outliersOf(measured), from: 'file' as const };
  if (divided === undefined) return { before };
  const folded = Float64Array.from(maxima, (largest, j) => largest / divided[j]);
  return { before, after: outliersOf(folded), from: 'step' as const };
}

/** Channels from the largest to the smallest, or as they are. */
export function channelOrder({ values }: Outliers, bySize: boolean): readonly number[] {
  const order = [...values.keys()];
  return bySize ? order.sort((a, b) => values[b] - values[a] || a - b) : order;
}

/** Decades that the values lie in, at most four below the largest. */
export function decades(all: readonly Outliers[]): readonly [number, number] {
  const largest = Math.max(...all.map(({ largest: own }) => own));
  if (!(largest > 0)) return [-1, 1];
  const positive = all.flatMap(({ values }) => [...values].filter((value) => value > 0));
  const least = positive.reduce((a, b) => Math.min(a, b), largest);
  const top = Math.log10(largest) + 0.08;
  return [Math.max(Math.log10(least) - 0.08, top - 4), top];
}
