/** Vectors as rows, and what each of their numbers counts. */
export interface Vectors {
  readonly size: number;
  /** [count, size] */
  readonly values: Float32Array;
  /** [count, size]; 1 each when absent. A number of weight 0 (padding) is not looked at. */
  readonly weights?: Float32Array;
}

/** How many vectors there are. */
export function countOf({ values, size }: Vectors): number {
  return values.length / size;
}

/** Finds, for single vectors, the entry c of a table with the least Σ_l h_l·(x_l − c_l)², of equals any. */
export interface Nearest {
  (vector: number): number;
  /** The sum for the vector that was asked for last. */
  distance: number;
}

/**
 * A search of `table` [entries, size]. WHY from the entry with the nearest first number outwards: that number alone bounds the
 * distance from below, so most entries are never looked at, and the result is exact.
 */
export function nearestVector({ values, weights, size }: Vectors, table: Float64Array): Nearest {
  const entries = table.length / size;
  const order = Int32Array.from({ length: entries }, (_, k) => k).sort(
    (a, b) => table[a * size] - table[b * size] || a - b,
  );
  const first = Float64Array.from(order, (k) => table[k * size]);
  const search: Nearest = (vector) => {
    const from = vector * size;
    const [x, h] = [values[from], weights ? weights[from] : 1];
    let above = firstNotBelow(first, x);
    let below = above - 1;
    let [best, least] = [-1, Infinity];
    while (below >= 0 || above < entries) {
      const up = below < 0 || (above < entries && first[above] - x < x - first[below]);
      const at = up ? above++ : below--;
      const gap = x - first[at];
      let sum = h * gap * gap;
      // The farther ones on this side, and as this was the nearer of both sides on the other, are no nearer.
      if (sum >= least) break;
      const entry = order[at] * size;
      for (let l = 1; l < size; l++) {
        const d = values[from + l] - table[entry + l];
        sum += (weights ? weights[from + l] : 1) * d * d;
      }
      if (sum < least) [best, least] = [order[at], sum];
    }
    search.distance = least;
    return best;
  };
  search.distance = 0;
  return search;
}

/** The first place of an ascending list whose number is not below x; its length where there is none. */
function firstNotBelow(sorted: Float64Array, x: number): number {
  let [from, end] = [0, sorted.length];
  while (from < end) {
    const middle = (from + end) >> 1;
    if (sorted[middle] < x) from = middle + 1;
    else end = middle;
  }
  return from;
}
