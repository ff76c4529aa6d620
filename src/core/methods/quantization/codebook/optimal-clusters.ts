import { between, Segments } from './paths.ts';

/** Points on a line in ascending order, no two equal, with positive weights. */
export interface Points {
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

/**
 * The `count` means of least Σ w·(x − nearest mean)², exact, in ascending order (fewer where there are fewer points).
 *
 * With a price for every cluster instead of a number of them it is a shortest path that takes O(n log n) whatever the number
 * (`paths.ts`). The least error falls ever more slowly with the number of clusters, so for any number there is a price at
 * which it is best (Grønlund et al. 2017, "Fast Exact k-Means, k-Medians and Bregman Divergence Clustering in 1D",
 * section 4); it is searched for, from `guess` on, as the number goes with the price's cube root on smooth data.
 */
export function optimalClusters(points: Points, count: number, guess?: Guess): Float64Array {
  const { values } = points;
  const n = values.length;
  if (n <= count) return values.slice();
  const centre = meanOf(points);
  const { prefix, spread } = prefixOf(points, centre);
  const ends = cheapestOf(new Segments(prefix, n), count, spread, guess);
  return Float64Array.from({ length: count }, (_, c) => {
    const [from, end] = [ends[c], ends[c + 1]];
    const weight = prefix.weights[end] - prefix.weights[from];
    return centre + (prefix.products[end] - prefix.products[from]) / weight;
  });
}

/** A price found before, as a share of the spread Σ w·(x − mean)²: data of the same kind has about the same. */
export interface Guess {
  price?: number;
}

function meanOf({ values, weights }: Points): number {
  let [sum, all] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += weights[i] * values[i];
    all += weights[i];
  }
  return sum / all;
}

/** WHY about the mean: differences of sums then keep their digits. */
function prefixOf({ values, weights }: Points, centre: number) {
  const sums = new Float64Array(values.length + 1);
  const products = new Float64Array(values.length + 1);
  let spread = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i] - centre;
    sums[i + 1] = sums[i] + weights[i];
    products[i + 1] = products[i] + weights[i] * x;
    spread += weights[i] * x * x;
  }
  return { prefix: { weights: sums, products }, spread };
}

/** Prices that differ by less are one price: a step of float64 sums. */
const ONE_PRICE = 1e-13;
const MOST_PRICES = 200;

function cheapestOf(
  segments: Segments,
  count: number,
  spread: number,
  guess: Guess = {},
): Int32Array {
  // Of the normal distribution: error ≈ 2.72·spread / count², whose fall with the count is the price.
  let price = spread * (guess.price ?? 5.4 / count ** 3);
  let fewer: { price: number; ends: Int32Array } | undefined;
  let more: { price: number; ends: Int32Array } | undefined;
  for (let round = 0; round < MOST_PRICES; round++) {
    const ends = segments.cheapest(price);
    const found = ends.length - 1;
    if (found === count) {
      guess.price = price / spread;
      return ends;
    }
    if (found < count) fewer = { price, ends };
    else more = { price, ends };
    if (fewer && more && fewer.price - more.price <= ONE_PRICE * spread) break;
    price = nextPrice(price * (found / count) ** 3, fewer?.price, more?.price, round);
  }
  if (fewer === undefined || more === undefined) throw new RangeError('No price was found.');
  return between(fewer.ends, more.ends, count);
}

/** The step, or half way (by ratio) where it leaves what is known or the search goes on for long. */
function nextPrice(step: number, above = Infinity, below = 0, round = 0): number {
  const steady = round < 12 && step > below && step < above;
  if (steady) return step;
  if (above === Infinity) return 4 * below;
  if (below === 0) return above / 4;
  return round % 2 === 0 ? Math.sqrt(above * below) : (above + below) / 2;
}
