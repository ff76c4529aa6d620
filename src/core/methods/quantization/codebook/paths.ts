/** Sums over the first i of some sorted points: Σw and Σw·x, from 0 to all. */
export interface Prefix {
  readonly weights: Float64Array;
  readonly products: Float64Array;
}

/** What a path of segments is made with; room for its work that is used again and again. */
export class Segments {
  readonly #best: Float64Array;
  readonly #from: Int32Array;
  readonly #candidates: Int32Array;
  readonly #starts: Int32Array;

  constructor(
    readonly prefix: Prefix,
    readonly points: number,
  ) {
    this.#best = new Float64Array(points + 1);
    this.#from = new Int32Array(points + 1);
    this.#candidates = new Int32Array(points + 1);
    this.#starts = new Int32Array(points + 1);
  }

  /**
   * Ends 0 = e₀ < e₁ < … = n of the segments that make Σ (cost + price) least, where a segment costs −(Σw·x)² / Σw: less
   * Σw·x², which all have in common, that is its spread. F(j) = min_i F(i) + cost(i, j) + price. As costs meet the quadrangle
   * inequality, of two starts the later one wins from some j on for good: starts wait in a queue with the j from which they
   * are best, which is found by halving. O(n log n).
   */
  cheapest(price: number): Int32Array {
    const n = this.points;
    const [best, from, candidates, starts] = [
      this.#best,
      this.#from,
      this.#candidates,
      this.#starts,
    ];
    let [head, tail] = [0, 1];
    best[0] = 0;
    candidates[0] = 0;
    starts[0] = 1;
    for (let j = 1; j <= n; j++) {
      while (head + 1 < tail && starts[head + 1] <= j) head++;
      from[j] = candidates[head];
      best[j] = this.#through(candidates[head], j) + price;
      if (j === n) break;
      tail = this.#enqueue(j, head, tail);
    }
    return this.#path();
  }

  /** Puts a start behind those that are better than it somewhere, and gives the queue's new end. */
  #enqueue(j: number, head: number, tail: number): number {
    const [candidates, starts] = [this.#candidates, this.#starts];
    while (tail > head) {
      const since = Math.max(starts[tail - 1], j + 1);
      if (this.#through(j, since) > this.#through(candidates[tail - 1], since)) break;
      tail--;
    }
    const at =
      tail > head
        ? this.#overtakes(j, candidates[tail - 1], Math.max(starts[tail - 1], j + 1))
        : j + 1;
    if (at > this.points) return tail;
    candidates[tail] = j;
    starts[tail] = at;
    return tail + 1;
  }

  /** The first end from which start `later` is better than `earlier`, which it is not yet at `since`. */
  #overtakes(later: number, earlier: number, since: number): number {
    let [below, step] = [since, 1];
    while (below + step <= this.points && !this.#better(later, earlier, below + step)) {
      below += step;
      step *= 2;
    }
    let above = Math.min(below + step, this.points + 1);
    while (above - below > 1) {
      const middle = (below + above) >> 1;
      if (this.#better(later, earlier, middle)) above = middle;
      else below = middle;
    }
    return above;
  }

  #better(later: number, earlier: number, end: number): boolean {
    return this.#through(later, end) <= this.#through(earlier, end);
  }

  /** F(i) + cost(i, j). */
  #through(i: number, j: number): number {
    const { weights, products } = this.prefix;
    const product = products[j] - products[i];
    return this.#best[i] - (product * product) / (weights[j] - weights[i]);
  }

  #path(): Int32Array {
    const ends: number[] = [];
    for (let j = this.points; j > 0; j = this.#from[j]) ends.push(j);
    return Int32Array.from([0, ...ends.reverse()]);
  }
}

/**
 * A path of `count` segments from one of fewer and one of more that are both cheapest at one price: where a segment of the
 * one lies within the segment of the other that is `count − fewer` behind it, their ends are exchanged, which by the
 * quadrangle inequality costs nothing (Aggarwal, Schieber, Tokuyama 1994).
 */
export function between(fewer: Int32Array, more: Int32Array, count: number): Int32Array {
  const shift = count - (fewer.length - 1);
  for (let x = 0; x + 1 < fewer.length; x++) {
    const y = x + shift;
    // more[y] … more[y + 1] within fewer[x] … fewer[x + 1]
    if (fewer[x] > more[y] || more[y + 1] > fewer[x + 1]) continue;
    return Int32Array.from([...more.subarray(0, y + 1), ...fewer.subarray(x + 1)]);
  }
  throw new RangeError('No segment of one path lies within one of the other.');
}
